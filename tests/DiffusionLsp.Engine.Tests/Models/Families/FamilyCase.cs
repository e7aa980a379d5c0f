using System.Text.Json.Nodes;

namespace DiffusionLsp.Tests.Checkpoints;

/// <summary>
/// One family of checkpoints in miniature, as published: keys of config.json, names in the files, element type, tokenizer files.
/// Written from the publications; it uses no code of the program.
/// </summary>
public sealed record FamilyCase(string Name)
{
    public required JsonObject Config { get; init; }
    public required BodyShape Body { get; init; }
    public required TokenizerCase Tokenizer { get; init; }
    /// <summary>The name in the files of a parameter, given its name in Hugging Face's Llama and Qwen.</summary>
    public Func<string, string> Stored { get; init; } = name => name;
    /// <summary>Whether q, k and v are one tensor.</summary>
    public bool FusesQueryKeyValue { get; init; }
    public string ElementType { get; init; } = "BF16";
    /// <summary>Number of files that contain the weights; 1: model.safetensors.</summary>
    public int Shards { get; init; } = 1;
    public bool Shift { get; init; }
    /// <summary>0: bidirectional; otherwise causal over blocks of this length.</summary>
    public int Block { get; init; }
    public bool SeesSuffix { get; init; } = true;

    public override string ToString() => Name;
}

/// <summary>The sizes of a transformer.</summary>
public sealed record BodyShape
{
    public int Layers { get; init; } = 2;
    public int Width { get; init; } = 32;
    public int Heads { get; init; } = 4;
    public int KeyValueHeads { get; init; } = 2;
    public int HeadSize { get; init; } = 8;
    public int Inner { get; init; } = 40;
    public double Epsilon { get; init; } = 1e-6;
    public double Theta { get; init; } = 1e6;
    public bool Bias { get; init; }
    public bool QueryKeyNorm { get; init; }
    /// <summary>Whether the output layer shares the embedding's weights.</summary>
    public bool Tied { get; init; }
    /// <summary>Number of rotated dimensions of a head; 0: all.</summary>
    public int Rotated { get; init; }
    public ExpertShape? Experts { get; init; }
}

/// <summary>The sizes and rules of a mixture of experts.</summary>
public sealed record ExpertShape(int Count, int PerToken, int Inner)
{
    public int Shared { get; init; }
    public int Dense { get; init; }
    public bool Sigmoid { get; init; }
    public bool Bias { get; init; }
    public int Groups { get; init; } = 1;
    public int BestGroups { get; init; } = 1;
    public bool Normalise { get; init; }
    public double Scale { get; init; } = 1;
}

/// <summary>A tokenizer's files.</summary>
/// <param name="Special">Added tokens in id order.</param>
public sealed record TokenizerCase(params string[] Special)
{
    /// <summary>The class in tokenizer_config.json if there is no tokenizer.json; null: there is one.</summary>
    public string? Class { get; init; }
    public string Pattern { get; init; } = Qwen2;
    /// <summary>Whether the added tokens have the lowest ids, not the highest.</summary>
    public bool SpecialFirst { get; init; }

    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Bailing = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";
    public const string SeedCoder = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Merges in rank order, in the byte alphabet's spelling.</summary>
    public static readonly string[] Merges = ["r e", "re t", "Ġ x", "Ċ Ġ", "i n", "in t", "Ġ Ġ", "ĠĠ ĠĠ"];

    public int Size => 256 + Merges.Length + Special.Length;

    public int IdOf(string special) => Array.IndexOf(Special, special) + (SpecialFirst ? 0 : 256 + Merges.Length);
}
