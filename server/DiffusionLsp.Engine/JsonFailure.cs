using System.Text.Json;

namespace DiffusionLsp.Engine;

/// <summary>
/// Explains to users why a JSON file could not be read; .NET's own messages name its types. It knows no file.
/// </summary>
internal static class JsonFailure
{
    /// <summary>A clause that says what is wrong, and where.</summary>
    public static string Clause(JsonException failure)
    {
        string message = failure.Message.ReplaceLineEndings(" ");
        string place = failure.LineNumber is { } line ? $" (line {line + 1})" : "";
        string key = failure.Path is { Length: > 2 } path ? path.TrimStart('$').TrimStart('.') : "it";
        if (message.Contains("could not be converted", StringComparison.Ordinal)) return $"{key} has a value of the wrong type or out of range{place}";
        if (message.Contains("missing required", StringComparison.Ordinal)) return $"it lacks {string.Join(", ", Quoted(message).Skip(1))}";
        if (message.Contains("could not be mapped", StringComparison.Ordinal) && Quoted(message).FirstOrDefault() is { } unknown) return $"it contains the unknown key {unknown}{place}";
        if (message.Contains("null values", StringComparison.Ordinal)) return $"{key} is null{place}";
        if (message.Contains("Duplicate property", StringComparison.Ordinal) && Quoted(message).FirstOrDefault() is { } twice) return $"it contains {twice} twice{place}";
        int technical = message.IndexOf(" Path: $", StringComparison.Ordinal);
        if (technical < 0) technical = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        string plain = (technical < 0 ? message : message[..technical]).TrimEnd('.');
        return plain.Contains("System.", StringComparison.Ordinal) || plain.Contains("DiffusionLsp.", StringComparison.Ordinal) ? $"{key} is invalid{place}" : plain + place;
    }

    /// <summary>The parts within quotation marks.</summary>
    private static IEnumerable<string> Quoted(string message) => message.Split('\'').Where((_, i) => i % 2 == 1);
}
