using System.Text.Json;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Tests.Protocol;

/// <summary>Positions and versions in every notation that JSON has for numbers.</summary>
public class CountTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("1.0", 1)]
    [InlineData("1e0", 1)]
    [InlineData("12e-1", null)]
    [InlineData("120e-1", 12)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("2147483648", int.MaxValue)]
    [InlineData("4294967296", int.MaxValue)]
    [InlineData("1e400", int.MaxValue)]
    [InlineData("-1", null)]
    [InlineData("-1e400", null)]
    [InlineData("0.5", null)]
    [InlineData("\"1\"", null)]
    [InlineData("null", null)]
    [InlineData("[1]", null)]
    public void A_count_is_a_whole_number_from_0(string json, int? expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(expected, Count.Of(document.RootElement));
        string position = $$"""{"line":{{json}},"character":0}""";
        if (expected is { } line) Assert.Equal(new Position(line, 0), JsonSerializer.Deserialize<Position>(position, JsonRpcConnection.Options));
        else Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Position>(position, JsonRpcConnection.Options));
    }

    [Theory]
    [InlineData("""{"uri":"a"}""", null)]
    [InlineData("""{"uri":"a","version":null}""", null)]
    [InlineData("""{"uri":"a","version":[1]}""", null)]
    [InlineData("""{"uri":"a","version":1e300}""", null)]
    [InlineData("""{"uri":"a","version":1.5}""", null)]
    [InlineData("""{"uri":"a","version":3e9}""", 3_000_000_000L)]
    [InlineData("""{"uri":"a","version":-2}""", -2L)]
    public void A_version_is_a_whole_number_or_none(string json, long? expected) =>
        Assert.Equal(expected, JsonSerializer.Deserialize<VersionedTextDocumentIdentifier>(json, JsonRpcConnection.Options)!.Version);
}
