using System.Text.Json;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// The top-level members of a message, by their positions in its bytes. Reading repairs names and values that are not valid text: only a
/// document's text may contain half of a surrogate pair. It does not judge what it finds.
/// </summary>
/// <param name="Depth">Nesting depth of the message; 1: an object of plain values.</param>
/// <param name="IsObject">Whether the message is an object; if not, there are no members.</param>
internal sealed record Envelope(byte[] Json, int Depth, bool IsObject, IReadOnlyDictionary<string, Member> Members)
{
    private static readonly string[] Known = ["jsonrpc", "id", "method", "params", "result", "error", "code", "message"];

    /// <summary>Reads an envelope; null: the bytes are not JSON.</summary>
    /// <param name="json">UTF-8; modified in place.</param>
    public static Envelope? Read(byte[] json)
    {
        try
        {
            return Walk(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Member? this[string name] => Members.TryGetValue(name, out Member member) ? member : null;

    public ReadOnlySpan<byte> Bytes(Member member) => Json.AsSpan(member.Start, member.Length);

    /// <summary>The members of a member that is an object.</summary>
    public Envelope Inside(Member member) => Walk(Bytes(member).ToArray());

    /// <summary>The value of a string, with half pairs as U+FFFD; null: it is not a string.</summary>
    public string? Text(Member? member)
    {
        if (member is not { Kind: JsonTokenType.String } text) return null;
        byte[] copy = Bytes(text).ToArray();
        MessageText.ReplaceHalfPairs(copy);
        return JsonSerializer.Deserialize<string>(copy);
    }

    private static Envelope Walk(byte[] json)
    {
        var members = new Dictionary<string, Member>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        (string? name, int start, int depth) = (null, 0, 0);
        bool isObject = false, mayBeHalf = false;
        while (reader.Read())
        {
            int at = (int)reader.TokenStartIndex, end = (int)reader.BytesConsumed;
            JsonTokenType token = reader.TokenType;
            bool isMember = reader.CurrentDepth == 1 && isObject;
            if (token is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                isObject |= depth == 0 && token == JsonTokenType.StartObject;
                depth = Math.Max(depth, reader.CurrentDepth + 1);
                mayBeHalf = false;
                if (isMember) start = at;
            }
            else if (token == JsonTokenType.PropertyName)
            {
                if (reader.ValueIsEscaped) MessageText.ReplaceHalfPairs(json.AsSpan(at, end - at));
                if (isMember) name = NameOf(ref reader);
                mayBeHalf = (isMember && name == "id") || reader.ValueTextEquals("text"u8);
            }
            else
            {
                if (token == JsonTokenType.String && reader.ValueIsEscaped && !mayBeHalf) MessageText.ReplaceHalfPairs(json.AsSpan(at, end - at));
                mayBeHalf = false;
                if (!isMember || name is null) continue;
                members[name] = token switch
                {
                    JsonTokenType.EndObject => new Member(JsonTokenType.StartObject, start, end - start),
                    JsonTokenType.EndArray => new Member(JsonTokenType.StartArray, start, end - start),
                    _ => new Member(token, at, end - at),
                };
            }
        }
        return new Envelope(json, depth, isObject, members);
    }

    private static string? NameOf(ref Utf8JsonReader reader)
    {
        foreach (string known in Known)
            if (reader.ValueTextEquals(known)) return known;
        return null;
    }
}

/// <summary>A value in a message.</summary>
/// <param name="Kind">Type of its first token.</param>
/// <param name="Start">Offset of its first byte.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct Member(JsonTokenType Kind, int Start, int Length);
