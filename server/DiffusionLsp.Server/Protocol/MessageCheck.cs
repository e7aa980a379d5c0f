using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Sits between framing and StreamJsonRpc, which ends the connection on any malformed message: passes only well-formed messages,
/// rebuilt from the parts that were checked, and decides what happens to all others. It does not know which parameters a method takes.
/// </summary>
/// <param name="isMethod">Whether there is a method of this name.</param>
/// <param name="isAwaited">Whether this server sent a request with this id that has no answer yet.</param>
internal sealed class MessageCheck(Func<string, bool> isMethod, Func<RequestId, bool> isAwaited)
{
    public const string Cancel = "$/cancelRequest";

    // The default limit of the serializers that read the message next.
    private const int MostDepth = 64;
    private static readonly byte[] Null = "null"u8.ToArray();

    /// <returns>Null: the body is not JSON.</returns>
    public Verdict? Read(byte[] body)
    {
        if (Envelope.Read(MessageText.Repaired(body)) is not { } envelope) return null;
        if (!envelope.IsObject) return new Refusal(Null, ErrorCodes.InvalidRequest, "A message must be a single object; this server does not support batches.");
        if (envelope["method"] is not null) return Call(envelope);
        if (envelope["id"] is { } member && IdOf(envelope, member) is { } id && isAwaited(id)) return Answer(envelope, id);
        if (envelope["result"] is not null || envelope["error"] is not null) return new Dropped("a response that answers no request of this server is ignored");
        return new Refusal(IdToSend(envelope), ErrorCodes.InvalidRequest, "The message has no method.");
    }

    /// <summary>A request or a notification.</summary>
    private Verdict Call(Envelope envelope)
    {
        Member? idMember = envelope["id"];
        RequestId? id = idMember is { } member ? IdOf(envelope, member) : RequestId.NotSpecified;
        string? method = envelope.Text(envelope["method"]);
        if (id is null) return Bad(ErrorCodes.InvalidRequest, "The id must be an integer or a string.");
        if (envelope["jsonrpc"] is { } version && envelope.Text(version) != "2.0") return Bad(ErrorCodes.InvalidRequest, "The field jsonrpc must be \"2.0\".");
        if (method is null) return Bad(ErrorCodes.InvalidRequest, "The method must be a string.");
        if (envelope.Depth > MostDepth) return Bad(ErrorCodes.InvalidParams, $"The message is nested more than {MostDepth} levels deep.");
        if (method == Cancel) return Cancellation(envelope, id.Value) ?? Bad(ErrorCodes.InvalidParams, $"The parameters of {Cancel} are not valid: id: it must be that of a request.");
        if (!isMethod(method)) return id.Value.IsEmpty ? new Dropped(null) : Bad(ErrorCodes.MethodNotFound, $"There is no method {Shown(method)}.");
        return ParametersOf(envelope) is { } parameters
            ? new Passed(Written(id.Value, method, parameters), id.Value)
            : Bad(ErrorCodes.InvalidParams, $"The parameters of {method} are not valid: an object is expected.");

        Verdict Bad(int code, string sentence) =>
            idMember is null ? new Dropped($"a notification is ignored: {sentence}") : new Refusal(IdToSend(envelope), code, sentence);
    }

    /// <summary>A single object, on its own or as the only element of an array; empty if there are no parameters; null: anything else.</summary>
    private static byte[]? ParametersOf(Envelope envelope)
    {
        if (envelope["params"] is not { } member) return [];
        byte[] bytes = envelope.Bytes(member).ToArray();
        if (member.Kind == JsonTokenType.StartObject) return bytes;
        using var parsed = JsonDocument.Parse(bytes);
        JsonElement value = parsed.RootElement;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 1) value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind switch
        {
            JsonValueKind.Object => JsonMarshal.GetRawUtf8Value(value).ToArray(), // rewriting it would fail at half a surrogate pair
            JsonValueKind.Null or JsonValueKind.Undefined => [],
            _ => null,
        };
    }

    /// <summary>Null: it does not name a request.</summary>
    private static Passed? Cancellation(Envelope envelope, RequestId id)
    {
        if (envelope["params"] is not { Kind: JsonTokenType.StartObject } member) return null;
        Envelope parameters = envelope.Inside(member);
        if (parameters["id"] is not { } idMember || IdOf(parameters, idMember) is not { IsNull: false } cancelled) return null;
        return new Passed(Written(id, Cancel, [.. "{\"id\":"u8, .. Json(cancelled), (byte)'}']), id);
    }

    /// <summary>The client's answer to a request of this server. A malformed one becomes an error, so that its caller stops waiting.</summary>
    private static Passed Answer(Envelope envelope, RequestId id)
    {
        Member? error = envelope["error"];
        bool isTooDeep = envelope.Depth > MostDepth;
        var json = new ArrayBufferWriter<byte>();
        json.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        json.Write(Json(id));
        if (error is null or { Kind: JsonTokenType.Null } && !isTooDeep)
        {
            json.Write(",\"result\":"u8);
            json.Write(envelope["result"] is { } result ? envelope.Bytes(result) : Null);
        }
        else
        {
            json.Write(",\"error\":"u8);
            json.Write(ErrorJson(error is { Kind: JsonTokenType.StartObject } member ? envelope.Inside(member) : null));
        }
        json.Write("}"u8);
        return new Passed(json.WrittenSpan.ToArray(), RequestId.NotSpecified);
    }

    private static byte[] ErrorJson(Envelope? error)
    {
        int code = error?["code"] is { Kind: JsonTokenType.Number } number && int.TryParse(error.Bytes(number), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int known)
            ? known : ErrorCodes.InternalError;
        return JsonSerializer.SerializeToUtf8Bytes(new { code, message = error?.Text(error["message"]) ?? "the client's error has no message" });
    }

    private static byte[] Written(RequestId id, string method, ReadOnlySpan<byte> parameters)
    {
        var json = new ArrayBufferWriter<byte>(parameters.Length + 200);
        json.Write("{\"jsonrpc\":\"2.0\",\"method\":"u8);
        json.Write(JsonSerializer.SerializeToUtf8Bytes(method));
        if (!id.IsEmpty)
        {
            json.Write(",\"id\":"u8);
            json.Write(Json(id));
        }
        if (parameters.Length > 0)
        {
            json.Write(",\"params\":"u8);
            json.Write(parameters);
        }
        json.Write("}"u8);
        return json.WrittenSpan.ToArray();
    }

    /// <summary>An id as JSON.</summary>
    public static byte[] Json(RequestId id) =>
        id.IsNull ? Null : id.Number is { } number ? JsonSerializer.SerializeToUtf8Bytes(number) : JsonSerializer.SerializeToUtf8Bytes(id.String);

    /// <summary>An integer in any notation, a string, or <see cref="RequestId.Null"/>; null for anything else.</summary>
    private static RequestId? IdOf(Envelope envelope, Member member)
    {
        ReadOnlySpan<byte> bytes = envelope.Bytes(member);
        return member.Kind switch
        {
            JsonTokenType.Null => RequestId.Null,
            JsonTokenType.String => MessageText.HasHalfPair(bytes) ? null : new RequestId(envelope.Text(member)),
            JsonTokenType.Number => WholeNumber(bytes) is { } number ? new RequestId(number) : null,
            _ => null,
        };
    }

    private static long? WholeNumber(ReadOnlySpan<byte> bytes) =>
        decimal.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? (long)number : null;

    /// <summary>The id as the client wrote it, so that the client recognises it even if this server cannot represent it.</summary>
    private static byte[] IdToSend(Envelope envelope) =>
        envelope["id"] is { Kind: JsonTokenType.Number or JsonTokenType.String } member ? envelope.Bytes(member).ToArray() : Null;

    private static string Shown(string method) => method.Length <= 100 ? method : method[..100] + "…";
}

/// <summary>What happens to a message.</summary>
internal abstract record Verdict;

/// <summary>The message is well-formed.</summary>
/// <param name="Json">The message, rebuilt from checked parts only.</param>
/// <param name="Id">Id of a request; otherwise not specified.</param>
internal sealed record Passed(byte[] Json, RequestId Id) : Verdict;

/// <summary>The message is answered with an error.</summary>
/// <param name="Id">As JSON.</param>
internal sealed record Refusal(byte[] Id, int Code, string Sentence) : Verdict
{
    /// <summary>The answer.</summary>
    public byte[] Json() => [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. Id, .. Encoding.UTF8.GetBytes($",\"error\":{JsonSerializer.Serialize(new { code = Code, message = Sentence })}}}")];
}

/// <summary>The message is dropped, since nobody waits for an answer.</summary>
/// <param name="Line">A line for the log; null: none.</param>
internal sealed record Dropped(string? Line) : Verdict;
