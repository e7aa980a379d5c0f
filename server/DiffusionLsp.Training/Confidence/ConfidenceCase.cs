using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Confidence;

/// <summary>One completion as served, with the decode's signals for its tokens, and the original text.</summary>
/// <param name="Package">Cases of one package are never on both sides of a split.</param>
/// <param name="Completion">Truncated as an editor would truncate it.</param>
internal sealed record ConfidenceCase(string Language, string Task, string Package, string Truth, string Completion, IReadOnlyList<WrittenToken> Tokens, CompletionPlace Place)
{
    /// <summary>Number of leading characters of the completion that are right.</summary>
    public int Right { get; } = Completion.AsSpan().CommonPrefixLength(Truth);

    /// <summary>Whether the first <paramref name="length"/> characters of the completion are all right, ignoring trailing whitespace.</summary>
    public bool IsRight(int length) => Completion.AsSpan(0, length).TrimEnd().Length <= Right;

    /// <summary>Characters saved by the first <paramref name="length"/> characters of the completion.</summary>
    public int Saved(int length) => CompletionMetrics.Saved(Completion[..length], Truth);
}

/// <summary>What the cases of a file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Split">train or eval.</param>
internal sealed record ConfidenceHeader(string Format, string Model, string Split)
{
    public const string CurrentFormat = "diffusion-lsp-confidence-cases-1";
}

/// <summary>Reads and writes cases as a <see cref="RecordFile"/>.</summary>
internal static class ConfidenceCaseFile
{
    public static void Write(string path, ConfidenceHeader header, IEnumerable<ConfidenceCase> cases) => RecordFile.Write(path, header, cases);

    /// <inheritdoc cref="RecordFile.Read"/>
    public static (ConfidenceHeader Header, IReadOnlyList<ConfidenceCase> Cases) Read(string path) =>
        RecordFile.Read<ConfidenceHeader, ConfidenceCase>(path, (header => header.Format, ConfidenceHeader.CurrentFormat), ("completions", "confidence collect"));
}
