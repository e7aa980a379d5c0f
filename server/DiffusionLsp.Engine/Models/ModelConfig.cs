using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Models;

/// <summary>config.json as a record: the shape of one transformer, and the properties in which diffusion models differ.</summary>
public sealed record ModelConfig
{
    /// <summary>Class names as Hugging Face writes them; the first one counts.</summary>
    [JsonPropertyName("architectures")] public IReadOnlyList<string> Architectures { get; init; } = ["DiffusionLspNano"];
    /// <summary>Short name of the family.</summary>
    [JsonPropertyName("model_type")] public string ModelType { get; init; } = "diffusion_lsp_nano";
    /// <summary>Width of the residual stream (D).</summary>
    [JsonPropertyName("hidden_size")] public required int HiddenSize { get; init; }
    /// <summary>Number of layers (L).</summary>
    [JsonPropertyName("num_hidden_layers")] public required int Layers { get; init; }
    /// <summary>Query heads (H).</summary>
    [JsonPropertyName("num_attention_heads")] public required int Heads { get; init; }
    /// <summary>Key and value heads (K); divides <see cref="Heads"/>.</summary>
    [JsonPropertyName("num_key_value_heads")] public required int KeyValueHeads { get; init; }
    /// <summary>Width of one head (d).</summary>
    [JsonPropertyName("head_dim")] public required int HeadSize { get; init; }
    /// <summary>Width of the SwiGLU layer (F).</summary>
    [JsonPropertyName("intermediate_size")] public required int IntermediateSize { get; init; }
    /// <summary>Entries of the embedding (V).</summary>
    [JsonPropertyName("vocab_size")] public required int VocabularySize { get; init; }
    /// <summary>ε of RMSNorm, added to the mean square before the root.</summary>
    [JsonPropertyName("rms_norm_eps")] public double NormEpsilon { get; init; } = 1e-6;
    /// <summary>Base of the rotary frequencies.</summary>
    [JsonPropertyName("rope_theta")] public double RopeTheta { get; init; } = 10000;
    /// <summary>Maximum sequence length of the trained model.</summary>
    [JsonPropertyName("max_position_embeddings")] public int MaxPositions { get; init; } = 2048;
    /// <summary>Whether the output layer shares the embedding's weights.</summary>
    [JsonPropertyName("tie_word_embeddings")] public bool TieEmbeddings { get; init; } = true;
    /// <summary>Whether q, k and v have biases (Qwen2).</summary>
    [JsonPropertyName("attention_bias")] public bool AttentionBias { get; init; }
    /// <summary>Whether q and k are normalised per head (Qwen3).</summary>
    [JsonPropertyName("qk_norm")] public bool QueryKeyNorm { get; init; }
    /// <summary>Which rows each row sees.</summary>
    [JsonPropertyName("attention")] public AttentionKind Attention { get; init; } = AttentionKind.BlockCausal;
    /// <summary>Size of the blocks over which clean context is causal; 1 is strictly causal. Block-causal models only.</summary>
    [JsonPropertyName("context_block_size")] public int ContextBlockSize { get; init; } = 1;
    /// <summary>Whether row i scores the token at i + 1 (shifted logits), as in models adapted from autoregressive ones.</summary>
    [JsonPropertyName("logit_shift")] public bool LogitShift { get; init; }
    /// <summary>Whether the FIM middle token separates prefix and hole (our own block-causal models).</summary>
    [JsonPropertyName("marks_middle"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool UsesFimMiddle { get; init; }
    /// <summary>Number of leading dimensions of a head that are rotated; null: all.</summary>
    [JsonPropertyName("rotary_size"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? RotarySize { get; init; }
    /// <summary>The mixture of experts that replaces the SwiGLU layer; null: a dense model.</summary>
    [JsonPropertyName("experts"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public ExpertConfig? Experts { get; init; }

    /// <summary>Whether each clean row scores the next token given the tokens up to its own, so that the weights are also an autoregressive model.</summary>
    [JsonIgnore] public bool IsCausallyReadable => Attention is AttentionKind.BlockCausal && LogitShift && ContextBlockSize == 1;

    /// <summary>The same transformer, read as an autoregressive model.</summary>
    internal ModelConfig ReadCausally() => this with { Attention = AttentionKind.BlockCausal, LogitShift = true, ContextBlockSize = 1 };

    private const int MostBytes = 16 << 20;

    /// <summary>Upper limit of a prompt's length, and therefore of the sine and cosine tables.</summary>
    public const int MostPositions = 16_384;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads and checks <c>config.json</c> of a model folder.</summary>
    /// <exception cref="EngineException">The file is missing, is not JSON, or has an invalid value.</exception>
    public static ModelConfig Load(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        try
        {
            ModelConfig config = JsonSerializer.Deserialize<ModelConfig>(RegularFile.ReadText(path, MostBytes), Json)
                ?? throw new JsonException("it contains null");
            return config.Checked();
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The model configuration '{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; use the config.json that belongs to the weights.", e);
        }
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Returns this configuration if its values are consistent.</summary>
    /// <exception cref="InvalidDataException">They are not; the message names the key.</exception>
    internal ModelConfig Checked() => Problem() is { } problem ? throw new InvalidDataException(problem) : this;

    private string? Problem()
    {
        // Far above any existing model, yet low enough that no table of names, sines or masks gets large before the weights are read.
        foreach ((string name, int value, int most) in new[]
        {
            ("hidden_size", HiddenSize, 1 << 16), ("num_hidden_layers", Layers, 1 << 10), ("num_attention_heads", Heads, 1 << 12), ("num_key_value_heads", KeyValueHeads, 1 << 12),
            ("head_dim", HeadSize, 1 << 12), ("intermediate_size", IntermediateSize, 1 << 20), ("vocab_size", VocabularySize, 1 << 22),
            ("max_position_embeddings", MaxPositions, MostPositions), ("context_block_size", ContextBlockSize, 1 << 12),
        })
            if (value < 1 || value > most) return $"{name} is {value}, which is out of range (1 to {most}).";
        if (Architectures.Count == 0 || Architectures.Any(string.IsNullOrWhiteSpace)) return "architectures names no class.";
        if (!Enum.IsDefined(Attention)) return $"attention is {(int)Attention}, which is not a known value.";
        if (Heads % KeyValueHeads != 0) return $"num_key_value_heads ({KeyValueHeads}) does not divide num_attention_heads ({Heads}).";
        if (HeadSize % 2 != 0) return $"head_dim ({HeadSize}) is odd, so it cannot be rotated.";
        if (RotarySize is { } rotary && (rotary < 2 || rotary > HeadSize || rotary % 2 != 0)) return $"{rotary} of {HeadSize} dimensions of a head cannot be rotated.";
        if (Experts?.Problem(Layers) is { } experts) return experts;
        if (NormEpsilon is not (> 0 and <= 1) || RopeTheta is not (> 1 and <= 1e12)) return "rms_norm_eps must be above 0 and at most 1, and rope_theta above 1 and at most 1e12.";
        return null;
    }
}

/// <summary>Which rows each row sees.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttentionKind>))]
public enum AttentionKind
{
    /// <summary>All rows (LLaDA, Dream).</summary>
    [JsonStringEnumMemberName("full")]
    Full,
    /// <summary>The clean context is causal; the current block sees the context and all of itself (block diffusion).</summary>
    [JsonStringEnumMemberName("block_causal")]
    BlockCausal,
}
