using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>What identifies a checkpoint's family: its configuration and its added tokens. No weights.</summary>
internal sealed record CheckpointFacts(ConfigReader Config, TokenizerFile Tokenizer)
{
    public string Architecture => Config.Architecture;

    public string ModelType => Config.ModelType;

    /// <summary>Whether the tokenizer declares a special token.</summary>
    public bool HasToken(string content) => Tokenizer.AddedTokens.ContainsKey(content);

    /// <summary>A summary for messages.</summary>
    public override string ToString()
    {
        string[] masks = [.. Tokenizer.AddedTokens.Keys.Where(t => t.Contains("mask", StringComparison.OrdinalIgnoreCase) || t is "<M>").Order(StringComparer.Ordinal)];
        return $"architecture {Architecture}, model_type {ModelType}, mask tokens {(masks.Length == 0 ? "none" : string.Join(", ", masks))}";
    }
}
