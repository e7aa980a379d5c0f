using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>
/// Chooses holes in held-out files: a pure function of shard, task and seed. Packages and files take turns, so that no project dominates;
/// a smaller selection is always the beginning of a larger one. It knows no model.
/// </summary>
/// <param name="first">Documents before this one are skipped.</param>
internal sealed class CaseSelector(TokenShard shard, CodeTokenizer tokenizer, string language, int first = 0)
{
    private readonly Neighbours neighbours = new(shard, tokenizer);

    /// <summary>Maximum number of cases per task and file.</summary>
    public const int MostPerFile = 3;

    /// <summary>Files with fewer characters are skipped: they are mostly re-exports and package markers.</summary>
    public const int SmallestFile = 400;

    /// <summary>The selection rules in words, for the report.</summary>
    public static string Filter { get; } =
        $"Files of at least {SmallestFile} characters, at most {MostPerFile} cases per task and file, packages in turn. Rest of line: the cursor is after a random token " +
        $"inside the code of a line, and more than white space follows. Inside a token: the same, between two characters of a random token. Whole line: an indented, non-blank line; start of line and inside indentation: the same lines with the cursor before their indentation and in the middle of it. Block: 2 to {EvaluationTasks.MaxLines(HoleKind.Block)} lines, the first " +
        $"indented, first and last not blank. Holes of more than {EvaluationTasks.MaxTokens(HoleKind.WholeLine) - 1} tokens (block: {EvaluationTasks.MaxTokens(HoleKind.Block) - 1}) " +
        "are skipped. Inside a line: whole words that touch a random span of at most 40 characters, and more than white space follows. Lines that contain only closing brackets or comments are included; the column “code” leaves them out.";

    /// <summary>At most <paramref name="count"/> cases; fewer if the files contain no more.</summary>
    public IReadOnlyList<EvaluationCase> Select(HoleKind kind, int count, int seed)
    {
        // The same holes as for whole lines, so that the tasks are comparable.
        if (kind is HoleKind.StartOfLine or HoleKind.InsideIndentation) return [.. Select(HoleKind.WholeLine, count, seed).Select(c => WithIndentation(c, kind))];
        var random = new Random(RowSource.HashCode(seed, (long)StableHash.Of($"{language}/{kind}")));
        int[] order = Order(random);
        var cases = new List<EvaluationCase>(count);
        var taken = new HashSet<(int, int)>();
        for (int pass = 0; pass < MostPerFile; pass++)
            foreach (int document in order)
            {
                if (cases.Count >= count) return cases;
                if (Text(document) is { } text && Cut(document, text, kind, random) is { } hole && taken.Add((document, hole.Start)))
                    cases.Add(new EvaluationCase(language, shard.Package(document), shard.Path(document), text, hole) { Neighbours = neighbours });
            }
        return cases;
    }

    private static EvaluationCase WithIndentation(EvaluationCase found, HoleKind kind)
    {
        int line = found.Text.LastIndexOf('\n', found.Hole.Start - 1) + 1, width = found.Hole.Start - line;
        return found with { Hole = found.Hole with { Kind = kind, Start = kind is HoleKind.StartOfLine ? line : line + width / 2 } };
    }

    /// <summary>Every document once: the first of each package, then the second of each, and so on.</summary>
    private int[] Order(Random random)
    {
        int[][] packages = [.. Enumerable.Range(first, shard.Count - first).GroupBy(shard.Package).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.ToArray())];
        foreach (int[] package in packages) random.Shuffle(package);
        random.Shuffle(packages);
        return [.. Enumerable.Range(0, packages.Max(p => p.Length)).SelectMany(turn => packages.Where(p => turn < p.Length).Select(p => p[turn]))];
    }

    private string? Text(int document)
    {
        string text = tokenizer.Decode(shard.Ids(document));
        return text.Length < SmallestFile || text.Contains('\uFFFD') ? null : text;
    }

    private Hole? Cut(int document, string text, HoleKind kind, Random random)
    {
        for (int attempt = 0; attempt < 8; attempt++)
        {
            Hole? hole = kind switch
            {
                HoleKind.RestOfLine or HoleKind.InsideToken => RestOfLine(document, text, kind, random),
                HoleKind.Span => Words(text, HoleCutter.Cut(text, 0, text.Length, kind, random)),
                _ => HoleCutter.Cut(text, 0, text.Length, kind, random),
            };
            if (hole is { } found && Fits(text, found)) return found;
        }
        return null;
    }

    /// <summary>From the end of a random token, or from inside it, to the end of the line.</summary>
    private Hole? RestOfLine(int document, string text, HoleKind kind, Random random)
    {
        ReadOnlySpan<ushort> ids = shard.Document(document);
        int at = random.Next(ids.Length), bytes = 0;
        for (int i = 0; i <= at; i++) bytes += tokenizer.BytesOf(ids[i]).Length;
        if (kind is HoleKind.InsideToken)
        {
            int length = tokenizer.BytesOf(ids[at]).Length;
            if (length < 2) return null;
            bytes -= random.Next(1, length);
        }
        int start = CharacterAt(text, bytes);
        if (start < 0) return null;
        int line = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        bool inside = start > line && !text.AsSpan(line, start - line).IsWhiteSpace();
        return inside ? new Hole(kind, start, HoleCutter.LineEnd(text, start)) : null;
    }

    /// <summary>The span extended to whole words, as users select; null: nothing of the line is left after it.</summary>
    private static Hole? Words(string text, Hole? span)
    {
        if (span is not { } hole) return null;
        bool IsWord(int at) => at >= 0 && at < text.Length && CompletionMetrics.IsWord(text[at]);
        (int start, int end) = (hole.Start, hole.End);
        while (start < end && !IsWord(start)) start++;
        while (end > start && !IsWord(end - 1)) end--;
        if (start == end) return null;
        while (IsWord(start - 1)) start--;
        while (IsWord(end)) end++;
        return text.AsSpan(end, HoleCutter.LineEnd(text, end) - end).IsWhiteSpace() ? null : hole with { Start = start, End = end };
    }

    /// <summary>Index of the character that starts at a byte of the text's UTF-8; −1: the byte is inside a character.</summary>
    private static int CharacterAt(string text, int target)
    {
        int bytes = 0;
        for (int i = 0; i < text.Length && bytes <= target; i++)
        {
            if (bytes == target) return char.IsLowSurrogate(text[i]) ? -1 : i;
            // A surrogate pair has four UTF-8 bytes, two for each half.
            bytes += text[i] < 0x80 ? 1 : text[i] < 0x800 || char.IsSurrogate(text[i]) ? 2 : 3;
        }
        return bytes == target ? text.Length : -1;
    }

    private bool Fits(string text, Hole hole)
    {
        string truth = text[hole.Start..hole.End];
        if (string.IsNullOrWhiteSpace(truth) || tokenizer.Encode(truth).Length >= EvaluationTasks.MaxTokens(hole.Kind)) return false;
        if (hole.Kind is HoleKind.RestOfLine or HoleKind.InsideToken or HoleKind.Span) return true;
        bool indented = hole.Start > 0 && text[hole.Start - 1] is ' ' or '\t';
        int lines = truth.Count(c => c == '\n') + 1;
        bool endsInCode = !string.IsNullOrWhiteSpace(truth[(truth.LastIndexOf('\n') + 1)..]);
        return indented && (hole.Kind is HoleKind.WholeLine || (lines >= 2 && lines <= EvaluationTasks.MaxLines(hole.Kind) && endsInCode));
    }
}
