using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// JSON strings as UTF-16 code units. JSON may escape half of a surrogate pair, and editors do send such edits, for which System.Text.Json
/// throws. Here half pairs are kept, and written as escapes again. Invalid UTF-8 becomes U+FFFD.
/// </summary>
internal sealed class JsonText : JsonConverter<string>
{
    private static readonly SearchValues<char> Surrogates = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(unit => (char)unit)]);

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="JsonException">It is not a string.</exception>
    public static string Read(JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? Unescape(JsonMarshal.GetRawUtf8Value(json)[1..^1]) : throw new JsonException("a string is expected");

    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Raw(ref reader) : throw new JsonException("a string is expected");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        if (IsWellFormed(value)) writer.WriteStringValue(value);
        else writer.WriteRawValue($"\"{Escaped(value)}\"", skipInputValidation: true);
    }

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Raw(ref reader);

    /// <summary>Names cannot be written raw, so in them half of a pair becomes U+FFFD.</summary>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(IsWellFormed(value) ? value : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)));

    private static string Raw(ref Utf8JsonReader reader) => Unescape(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);

    /// <param name="json">The string's content without quotes; the reader has validated its escapes.</param>
    private static string Unescape(ReadOnlySpan<byte> json)
    {
        int escape = json.IndexOf((byte)'\\');
        if (escape < 0) return Encoding.UTF8.GetString(json);
        char[] rented = ArrayPool<char>.Shared.Rent(json.Length);
        int length = 0;
        for (; escape >= 0; escape = json.IndexOf((byte)'\\'))
        {
            length += Encoding.UTF8.GetChars(json[..escape], rented.AsSpan(length));
            (rented[length++], int read) = Escape(json[(escape + 1)..]);
            json = json[(escape + 1 + read)..];
        }
        length += Encoding.UTF8.GetChars(json, rented.AsSpan(length));
        string text = new(rented, 0, length);
        ArrayPool<char>.Shared.Return(rented);
        return text;
    }

    /// <summary>The code unit of an escape, and its number of bytes after the backslash.</summary>
    private static (char Unit, int Read) Escape(ReadOnlySpan<byte> escape) => (char)escape[0] switch
    {
        'u' => ((char)ushort.Parse(escape[1..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), 5),
        'b' => ('\b', 1),
        'f' => ('\f', 1),
        'n' => ('\n', 1),
        'r' => ('\r', 1),
        't' => ('\t', 1),
        char itself => (itself, 1),
    };

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOfAny(Surrogates)) >= 0; text = text[(at + 2)..])
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1])) return false;
        return true;
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        int start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at])) continue;
            if (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]))
            {
                at++;
                continue;
            }
            escaped.Append(JavaScriptEncoder.Default.Encode(text[start..at])).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
            start = at + 1;
        }
        return escaped.Append(JavaScriptEncoder.Default.Encode(text[start..])).ToString();
    }
}
