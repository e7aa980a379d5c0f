using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Confidence;

/// <summary>One completion as served, with what the decode knew of its tokens, and what stood there.</summary>
/// <param name="Package">Cases of one package are never on both sides of a split.</param>
/// <param name="Completion">Cut as an editor would cut it.</param>
internal sealed record ConfidenceCase(string Language, string Task, string Package, string Truth, string Completion, IReadOnlyList<WrittenToken> Tokens, CompletionPlace Place)
{
    /// <summary>How many characters of the completion are right.</summary>
    public int Right { get; } = Completion.AsSpan().CommonPrefixLength(Truth);

    /// <summary>Whether a beginning of the completion is right to its last character, blanks at its end aside.</summary>
    public bool IsRight(int length) => Completion.AsSpan(0, length).TrimEnd().Length <= Right;

    /// <summary>Characters that a beginning of the completion saves.</summary>
    public int Saved(int length) => CompletionMetrics.Saved(Completion[..length], Truth);
}

/// <summary>What the cases of one file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Split">train or eval.</param>
internal sealed record ConfidenceHeader(string Format, string Model, string Split)
{
    public const string CurrentFormat = "diffusion-lsp-confidence-cases-1";
}

/// <summary>Cases as a <see cref="RecordFile"/>.</summary>
internal static class ConfidenceCaseFile
{
    public static void Write(string path, ConfidenceHeader header, IEnumerable<ConfidenceCase> cases) => RecordFile.Write(path, header, cases);

    /// <inheritdoc cref="RecordFile.Read"/>
    public static (ConfidenceHeader Header, IReadOnlyList<ConfidenceCase> Cases) Read(string path) =>
        RecordFile.Read<ConfidenceHeader, ConfidenceCase>(path, (header => header.Format, ConfidenceHeader.CurrentFormat), ("completions", "confidence collect"));
}
