using System.Text;
using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>Duplicate properties are rejected at any depth, and nothing else is.</summary>
public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a": 1, "a": 2}""", "a")]
    [InlineData("""{"a": [{"b": 1}, {"c": {"d": 1, "\u0064": 2}}]}""", "d")]
    public void A_property_that_stands_twice_is_refused(string json, string name) =>
        Assert.Equal($"it contains {name} twice", JsonFailure.Clause(Assert.ThrowsAny<JsonException>(() => StrictJson.Parse(Encoding.UTF8.GetBytes(json)))));

    [Theory]
    [InlineData("""{"a": 1, "A": 2, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]}""")]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("[]")]
    public void What_stands_once_is_taken(string json)
    {
        using JsonDocument document = StrictJson.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Equal(json, document.RootElement.GetRawText());
    }

    [Fact]
    public void What_is_no_JSON_is_refused() => Assert.ThrowsAny<JsonException>(() => StrictJson.Parse("{"u8.ToArray()));
}
