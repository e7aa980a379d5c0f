using System.Text.Json;

namespace DiffusionLsp.Server.Protocol;

/// <summary>Invalid parameters, described in one sentence that may be shown to users: it names no type of this program.</summary>
internal sealed class InvalidParameters(string sentence) : JsonException(sentence)
{
    private const string Missing = "including: ";

    /// <summary>What is wrong, and where. The serializer's own messages name types, so only the names of missing fields are taken from them.</summary>
    public static string Cause(JsonException exception)
    {
        int missing = exception.Message.IndexOf(Missing, StringComparison.Ordinal);
        string cause = exception is InvalidParameters ? exception.Message
            : missing >= 0 ? $"there is no {exception.Message[(missing + Missing.Length)..].Split('.')[0]}"
            : "the value is of the wrong type";
        return exception.Path is { Length: > 1 } path ? $"{path[1..].TrimStart('.')}: {cause}" : cause;
    }
}
