using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Engine.Tests;

/// <summary>.NET's errors about a JSON file become a clause with the key and the line, without .NET's names.</summary>
public sealed class JsonFailureTests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, NumberHandling = JsonNumberHandling.Strict,
    };

    [Theory]
    [InlineData("{\"width\": \"x\"}", "width has a value of the wrong type or out of range (line 1)")]
    [InlineData("{\n\"width\": 1e400}", "width has a value of the wrong type or out of range (line 2)")]
    [InlineData("{\"width\": 1, \"names\": [1]}", "names[0] has a value of the wrong type or out of range (line 1)")]
    [InlineData("{}", "it lacks width")]
    [InlineData("{\"width\": 1, \"height\": 2}", "it contains the unknown key height (line 1)")]
    [InlineData("{\"width\": 1, \"width\": 2}", "it contains width twice (line 1)")]
    [InlineData("{\"width\": 1, \"names\": null}", "names is null (line 1)")]
    [InlineData("{\"width\": tru}", "'tru}' is an invalid JSON literal. Expected the literal 'true' (line 1)")]
    [InlineData("[1]", "it has a value of the wrong type or out of range (line 1)")]
    public void A_failure_becomes_a_clause(string json, string clause) =>
        Assert.Equal(clause, JsonFailure.Clause(Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Stored>(json, Strict))));

    private sealed record Stored
    {
        public required int Width { get; init; }
        public IReadOnlyList<string> Names { get; init; } = [];
    }
}
