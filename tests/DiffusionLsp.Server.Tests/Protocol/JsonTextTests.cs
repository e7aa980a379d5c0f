using System.Text;
using System.Text.Json;
using DiffusionLsp.Server.Protocol;
using FsCheck.Xunit;

namespace DiffusionLsp.Server.Tests.Protocol;

/// <summary>JSON strings to code units and back, whatever they contain.</summary>
public class JsonTextTests
{
    private static JsonSerializerOptions Options => JsonRpcConnection.Options;

    [Fact]
    public void Escapes_are_code_units() // no theory, because a test's arguments cannot hold half of a pair
    {
        (string Escaped, string Text)[] cases =
        [
            (@"\ud83d", "\ud83d"), (@"\uDE42\uD83D", "\ude42\ud83d"), (@"\ud83d\ude42\ud83d", "🙂\ud83d"), ("", ""),
            (@"a\\u\""\/\b\f\n\r\té🙂\u00e9\u0000", "a\\u\"/\b\f\n\r\té🙂é\0"),
        ];
        foreach ((string escaped, string text) in cases)
        {
            Assert.Equal(text, JsonSerializer.Deserialize<string>($"\"{escaped}\"", Options));
            using JsonDocument document = JsonDocument.Parse($"\"{escaped}\"");
            Assert.Equal(text, JsonText.Read(document.RootElement));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF }, "\uFFFD")]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x99 }, "\uFFFD")] // a character cut off
    [InlineData(new byte[] { 0xED, 0xA0, 0xBD }, "\uFFFD\uFFFD\uFFFD")] // half of a pair as bytes
    [InlineData(new byte[] { 0x61, 0xC3, (byte)'\\', (byte)'n', 0xA9 }, "a\uFFFD\n\uFFFD")]
    public void Bytes_that_are_not_UTF8_become_replacement_characters(byte[] bytes, string expected) =>
        Assert.Equal(expected, JsonSerializer.Deserialize<string>([(byte)'"', .. bytes, (byte)'"'], Options));

    [Fact]
    public void Null_is_null_and_anything_else_is_refused()
    {
        Assert.Null(JsonSerializer.Deserialize<string>("null", Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<string>("5", Options));
    }

    [Property]
    public bool What_is_written_is_valid_JSON_and_comes_back(ushort[]? units)
    {
        // Half of the units from the surrogates, which are rare among all of them.
        string text = string.Concat((units ?? []).Select((unit, i) => (char)(i % 2 == 0 ? unit : 0xD800 | (unit & 0x7FF))));
        string json = JsonSerializer.Serialize(text, Options);
        using JsonDocument valid = JsonDocument.Parse(json);
        return json.All(c => !char.IsSurrogate(c)) && JsonText.Read(valid.RootElement) == text && JsonSerializer.Deserialize<string>(json, Options) == text;
    }

    [Fact]
    public void A_name_that_is_no_text_is_written_all_the_same()
    {
        string json = JsonSerializer.Serialize(new Dictionary<string, string> { ["a\ud83d"] = "\ud83d", ["b"] = "🙂" }, Options);
        Dictionary<string, string> back = JsonSerializer.Deserialize<Dictionary<string, string>>(json, Options)!;
        Assert.Equal(("\ud83d", "🙂"), (back["a\uFFFD"], back["b"]));
    }

    [Fact]
    public void Long_texts_are_read_whole()
    {
        string text = string.Concat(Enumerable.Repeat("é\n🙂\t", 100_000)) + "\ud83d";
        Assert.Equal(text, JsonSerializer.Deserialize<string>(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text, Options)), Options));
    }
}
