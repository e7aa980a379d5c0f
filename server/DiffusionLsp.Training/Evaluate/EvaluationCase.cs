using DiffusionLsp.Engine;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>One hole in a held-out file, with the original text. It knows no model.</summary>
/// <param name="Language">One of <see cref="Corpus.Languages"/>.</param>
/// <param name="Package">Package of the file.</param>
/// <param name="Path">Path inside the package.</param>
/// <param name="Text">The whole file.</param>
/// <param name="Hole">The hole; its kind is the task.</param>
internal sealed record EvaluationCase(string Language, string Package, string Path, string Text, Hole Hole)
{
    /// <summary>The other files of the package; null: unknown.</summary>
    public Neighbours? Neighbours { get; init; }

    public string Prefix => Text[..Hole.Start];
    public string Truth => Text[Hole.Start..Hole.End];
    public string Suffix => Text[Hole.End..];

    /// <summary>Whether a single line is requested; engine and controls then stop at its end.</summary>
    public bool SingleLine => Hole.Kind is not HoleKind.Block;

    /// <summary>The request that an editor would send.</summary>
    public InfillRequest Request => new() { Prefix = Prefix, Suffix = Suffix, Path = Path, Language = Language, SingleLine = SingleLine };

    /// <summary>
    /// Whether the hole contains more than closing brackets and comments: some line has a letter or digit and does not begin as a
    /// comment.
    /// </summary>
    public bool HasCode
    {
        get
        {
            int start = Hole.Start == 0 ? 0 : Text.LastIndexOf('\n', Hole.Start - 1) + 1;
            string[] lines = Text[start..Hole.End].Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                string line = lines[i].TrimStart();
                bool comment = line.StartsWith("//", StringComparison.Ordinal) || line.StartsWith("/*", StringComparison.Ordinal) || line.StartsWith('*')
                    || (line.StartsWith('#') && Language == "python");
                ReadOnlySpan<char> inHole = i == 0 ? Text.AsSpan(Hole.Start, lines[0].Length - (Hole.Start - start)) : line;
                if (!comment && inHole.ContainsAnyInWords()) return true;
            }
            return false;
        }
    }
}

/// <summary>The tasks of the evaluation, by name.</summary>
internal static class EvaluationTasks
{
    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<HoleKind> All { get; } = [HoleKind.RestOfLine, HoleKind.WholeLine, HoleKind.Block];

    /// <summary>The same plus cursors in the middle of a token, where they mostly are while typing, and in the indentation, where many clients ask.</summary>
    public static IReadOnlyList<HoleKind> Completions { get; } = [HoleKind.RestOfLine, HoleKind.InsideToken, HoleKind.WholeLine, HoleKind.StartOfLine, HoleKind.InsideIndentation, HoleKind.Block];

    /// <summary>What users select to have it rewritten.</summary>
    public static IReadOnlyList<HoleKind> Refills { get; } = [HoleKind.Span, HoleKind.WholeLine, HoleKind.Block];

    /// <summary>A task's name for people.</summary>
    public static string Name(HoleKind kind) => kind switch
    {
        HoleKind.RestOfLine => "rest of line",
        HoleKind.InsideToken => "inside a token",
        HoleKind.WholeLine => "whole line",
        HoleKind.Block => "block",
        HoleKind.StartOfLine => "start of line",
        HoleKind.InsideIndentation => "inside indentation",
        HoleKind.Span => "inside a line",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Maximum number of tokens to generate; the hole and an end token always fit.</summary>
    public static int MaxTokens(HoleKind kind) => kind is HoleKind.Block ? 96 : 64;

    /// <summary>Maximum number of lines in a hole.</summary>
    public static int MaxLines(HoleKind kind) => kind is HoleKind.Block ? 6 : 1;

    /// <summary>Whether the text contains a letter, digit or underscore.</summary>
    public static bool ContainsAnyInWords(this ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (CompletionMetrics.IsWord(c)) return true;
        return false;
    }
}
