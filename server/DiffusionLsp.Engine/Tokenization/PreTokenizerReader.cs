using System.Text.Json;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Reads the <c>pre_tokenizer</c> and <c>normalizer</c> of a tokenizer.json into one regular expression, and rejects unsupported
/// combinations. It knows nothing of vocabularies.
/// </summary>
internal static class PreTokenizerReader
{
    private const string Cure = "use a tokenizer whose pre-tokenizer is Split{Regex} and ByteLevel, or ByteLevel alone";

    /// <summary>The regular expression that splits the text.</summary>
    /// <exception cref="EngineException">The pre-tokenizer is not supported.</exception>
    public static string Pattern(string path, JsonElement root)
    {
        CheckNormalizer(path, root);
        JsonElement preTokenizer = Property(root, "pre_tokenizer");
        string pattern = Type(preTokenizer) switch
        {
            "ByteLevel" => ByteLevelAlone(path, preTokenizer),
            "Sequence" => Sequence(path, preTokenizer),
            string type => throw TokenizerFile.Refuse(path, $"has a pre-tokenizer of type '{type}'", Cure),
        };
        try { _ = PieceMatcher.Of(pattern); }
        catch (InvalidDataException e)
        {
            throw new EngineException($"'{path}' has a pre-tokenizer pattern that {e.Message}; use the tokenizer that belongs to the model, or one with a pattern like Qwen2's.", e);
        }
        return pattern;
    }

    /// <summary>NFC (Qwen) is ignored: code must be reproduced as it was typed, and nearly all code is in NFC already.</summary>
    private static void CheckNormalizer(string path, JsonElement root)
    {
        JsonElement normalizer = Property(root, "normalizer");
        if (normalizer.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || Type(normalizer) == "NFC") return;
        throw TokenizerFile.Refuse(path, $"has a normalizer of type '{Type(normalizer)}'", "text must round-trip exactly, so use a tokenizer without one");
    }

    private static string ByteLevelAlone(string path, JsonElement byteLevel)
    {
        CheckPrefixSpace(path, byteLevel);
        if (Property(byteLevel, "use_regex").ValueKind == JsonValueKind.False)
            throw TokenizerFile.Refuse(path, "has a ByteLevel pre-tokenizer without a pattern", Cure);
        return PreTokenizerPattern.Gpt2;
    }

    private static string Sequence(string path, JsonElement sequence)
    {
        JsonElement[] parts = [.. Property(sequence, "pretokenizers").EnumerateArray()];
        if (parts.Length == 1 && Type(parts[0]) == "ByteLevel") return ByteLevelAlone(path, parts[0]);
        if (parts.Length != 2 || Type(parts[0]) != "Split" || Type(parts[1]) != "ByteLevel")
            throw TokenizerFile.Refuse(path, $"has the pre-tokenizer sequence [{string.Join(", ", parts.Select(Type))}]", Cure);
        CheckPrefixSpace(path, parts[1]);
        if (Property(parts[1], "use_regex").ValueKind != JsonValueKind.False)
            throw TokenizerFile.Refuse(path, "has a ByteLevel pre-tokenizer with use_regex after a Split", Cure);

        JsonElement split = parts[0];
        string? pattern = Property(split, "pattern") is { ValueKind: JsonValueKind.Object } given && Property(given, "Regex") is { ValueKind: JsonValueKind.String } regex ? regex.GetString() : null;
        if (pattern is null) throw TokenizerFile.Refuse(path, "has a Split pre-tokenizer whose pattern is not a Regex", Cure);
        string behavior = Property(split, "behavior").GetString() ?? "";
        // For a pattern that covers everything, "Removed" with invert selects the same pieces as "Isolated".
        bool isolated = behavior == "Isolated" && Property(split, "invert").ValueKind != JsonValueKind.True;
        bool inverted = behavior == "Removed" && Property(split, "invert").ValueKind == JsonValueKind.True;
        if (!isolated && !inverted) throw TokenizerFile.Refuse(path, $"has a Split pre-tokenizer with behavior '{behavior}'", Cure);
        return pattern;
    }

    private static void CheckPrefixSpace(string path, JsonElement byteLevel)
    {
        if (Property(byteLevel, "add_prefix_space").ValueKind == JsonValueKind.True)
            throw TokenizerFile.Refuse(path, "adds a space before the text (add_prefix_space)", "text must round-trip exactly, so use a tokenizer that does not");
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string Type(JsonElement element) =>
        Property(element, "type") is { ValueKind: JsonValueKind.String } type ? type.GetString()! : "none";
}
