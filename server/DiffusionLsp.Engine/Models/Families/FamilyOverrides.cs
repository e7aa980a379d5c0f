using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// <c>diffusion-lsp.json</c> in a model's folder: corrections by the user to what the checkpoint states. All entries are optional.
/// </summary>
internal sealed record FamilyOverrides
{
    /// <summary>The file's name.</summary>
    public const string Name = "diffusion-lsp.json";

    /// <summary>Name of a family in <see cref="ModelFamilies"/>.</summary>
    [JsonPropertyName("family")] public string? Family { get; init; }
    /// <summary>"full", or "block:N" for causal over blocks of N.</summary>
    [JsonPropertyName("attention")] public string? Attention { get; init; }
    /// <summary>Whether row i scores the token at i + 1 (shifted logits).</summary>
    [JsonPropertyName("logit_shift")] public bool? LogitShift { get; init; }
    /// <summary>Content of the mask token.</summary>
    [JsonPropertyName("mask_token")] public string? MaskToken { get; init; }
    /// <summary>Content of the end-of-text token.</summary>
    [JsonPropertyName("end_of_text_token")] public string? EndOfTextToken { get; init; }
    /// <summary>Content of the token that expands into two masks.</summary>
    [JsonPropertyName("expand_token")] public string? ExpandToken { get; init; }

    private const int MostBytes = 1 << 20;
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false };

    /// <summary>Reads the file if it exists.</summary>
    /// <exception cref="EngineException">It is not JSON, or has an unknown key or value.</exception>
    public static FamilyOverrides Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!Path.Exists(path)) return new FamilyOverrides();
        try
        {
            FamilyOverrides overrides = JsonSerializer.Deserialize<FamilyOverrides>(RegularFile.ReadText(path, MostBytes), Strict) ?? throw new JsonException("it contains null");
            if (overrides.Attention is { } kind and not "full" && BlockLength(kind) is null)
                throw new JsonException($"attention is '{kind}' instead of \"full\" or \"block:N\"");
            return overrides;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; correct or delete it.", e);
        }
    }

    public ModelConfig ApplyTo(ModelConfig config)
    {
        if (LogitShift is { } shift) config = config with { LogitShift = shift };
        return Attention switch
        {
            null => config,
            "full" => config with { Attention = AttentionKind.Full },
            var kind => config with { Attention = AttentionKind.BlockCausal, ContextBlockSize = BlockLength(kind)!.Value },
        };
    }

    public TokenRoles ApplyTo(TokenRoles roles) => roles with
    {
        Mask = MaskToken is null ? roles.Mask : new TokenRole(MaskToken),
        EndOfText = EndOfTextToken is null ? roles.EndOfText : new TokenRole(EndOfTextToken),
        Expand = ExpandToken is null ? roles.Expand : new TokenRole(ExpandToken),
    };

    private static int? BlockLength(string kind) =>
        kind.StartsWith("block:", StringComparison.Ordinal) && int.TryParse(kind.AsSpan("block:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length is >= 1 and <= 4096
            ? length : null;
}
