using System.Diagnostics.CodeAnalysis;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>
/// The fill-in-the-middle marks of the model families for which clients write prompts: one table for parsing and writing. It knows nothing
/// of tokens: marks are text here.
/// </summary>
/// <param name="Family">Name of the family.</param>
/// <param name="Prefix">Mark before the prefix.</param>
/// <param name="Suffix">Mark before the suffix.</param>
/// <param name="Middle">Mark after both; empty: none, the prompt simply ends.</param>
/// <param name="File">Begins a line that names a file; null: the family does not name files.</param>
/// <param name="Order">Which of the two texts comes first.</param>
/// <param name="Stops">Stop texts for engines that do not end such a model's output by themselves; at most three, as some engines accept only four.</param>
internal sealed record FimMarks(string Family, string Prefix, string Suffix, string Middle, string? File, FimOrder Order, params IReadOnlyList<string> Stops)
{
    public static IReadOnlyList<FimMarks> All { get; } =
    [
        new("qwen", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>", FimOrder.PrefixFirst, "<|endoftext|>", "<|fim_pad|>", "<|file_sep|>"),
        new("starcoder", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", FimOrder.PrefixFirst, "<|endoftext|>", "<file_sep>"),
        new("deepseek", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "#", FimOrder.PrefixFirst, "<｜end▁of▁sentence｜>"),
        new("codellama", "<PRE> ", " <SUF>", " <MID>", null, FimOrder.PrefixFirst, "<EOT>"),
        new("codestral", "[PREFIX]", "[SUFFIX]", "", "+++++ ", FimOrder.SuffixFirst, "[PREFIX]", "[SUFFIX]"),
        new("seed", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", "<filename>", FimOrder.SuffixFirst, "<|endoftext|>"),
    ];

    /// <summary>The hole of a prompt with marks; null: it has none.</summary>
    public static MarkedHole? Read(string prompt) => All.Select(row => row.ReadOwn(prompt)).FirstOrDefault(hole => hole is not null);

    /// <summary>Parses a plain prefix that may begin with files under headers, as clients of Codestral send it.</summary>
    public static MarkedHole ReadHeaders(string prefix, string suffix) => All.First(row => row.Family == "codestral").WithHeaders(prefix, suffix);

    /// <summary>Removes marks from the hole's texts, since they cannot be escaped: the prefix from after its last mark, the suffix up to its first, other files only if they have none.</summary>
    public MarkedHole Fit(MarkedHole hole)
    {
        string[] marks = [.. new[] { Prefix, Suffix, Middle }.Select(mark => mark.Trim()).Where(mark => mark.Length > 0)];
        int start = marks.Max(mark => hole.Prefix.LastIndexOf(mark, StringComparison.Ordinal) is var at and >= 0 ? at + mark.Length : 0);
        int end = marks.Min(mark => hole.Suffix.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0 ? at : hole.Suffix.Length);
        return hole with
        {
            Prefix = hole.Prefix[start..],
            Suffix = hole.Suffix[..end],
            Related = [.. hole.Related.Where(text => text.Path.Length > 0 && !marks.Any(mark => text.Text.Contains(mark, StringComparison.Ordinal)))],
        };
    }

    /// <summary>A prompt for the hole; null: the texts contain marks themselves, so the prompt would be ambiguous.</summary>
    public string? Write(MarkedHole hole)
    {
        string head = File is null ? "" : string.Concat(hole.Related.Select(text => $"{File}{text.Path}\n{text.Text}\n")) + (hole.Path is null ? "" : $"{File}{hole.Path}\n");
        string prompt = Order is FimOrder.PrefixFirst
            ? head + Prefix + hole.Prefix + Suffix + hole.Suffix + Middle
            : Suffix + hole.Suffix + Prefix + head + hole.Prefix + Middle;
        MarkedHole whole = File is null ? hole with { Path = null, Related = [] } : hole;
        return whole.Equals(Read(prompt)) ? prompt : null;
    }

    private MarkedHole? ReadOwn(string prompt)
    {
        (string first, string second) = Order is FimOrder.PrefixFirst ? (Prefix, Suffix) : (Suffix, Prefix);
        int start = prompt.IndexOf(first, StringComparison.Ordinal);
        int between = start < 0 ? -1 : prompt.IndexOf(second, start + first.Length, StringComparison.Ordinal);
        if (between < 0) return null;
        string one = prompt[(start + first.Length)..between], two = WithoutMiddle(prompt[(between + second.Length)..]);
        if (Order is FimOrder.SuffixFirst) return WithHeaders(two, one);
        return WithHeaders(prompt[..start], "") is { Prefix: "" or "\n" } head ? head with { Prefix = one, Suffix = two } : new MarkedHole(one, two);
    }

    private string WithoutMiddle(string text) => Middle.Length > 0 && text.IndexOf(Middle, StringComparison.Ordinal) is var middle and >= 0 ? text[..middle] : text;

    /// <summary>Takes files under headers off the beginning: the last header is the file's own, the others are related files.</summary>
    private MarkedHole WithHeaders(string text, string suffix)
    {
        var plain = new MarkedHole(text, suffix);
        if (File is null) return plain;
        int start = text.StartsWith("<|repo_name|>", StringComparison.Ordinal) ? text.IndexOf('\n') + 1 : 0;
        var files = new List<RelatedText>();
        while (Header(text, start, out string? path, out int body))
        {
            int next = text.IndexOf("\n" + File, body - 1, StringComparison.Ordinal);
            files.Add(new RelatedText(path, next < body ? "" : text[body..next]));
            if (next < 0) return new MarkedHole(text[body..], suffix) { Path = path, Related = [.. files.SkipLast(1)] };
            start = next + 1;
        }
        return plain;
    }

    private bool Header(string text, int start, [NotNullWhen(true)] out string? path, out int body)
    {
        path = null;
        body = text.IndexOf('\n', start) + 1;
        if (body == 0 || string.CompareOrdinal(text, start, File, 0, File!.Length) != 0) return false;
        path = text[(start + File.Length)..(body - 1)];
        return path.Length is > 0 and <= 512;
    }
}

/// <summary>Which text comes first.</summary>
internal enum FimOrder { PrefixFirst, SuffixFirst }

/// <summary>A hole as parsed from a prompt's marks.</summary>
internal sealed record MarkedHole(string Prefix, string Suffix)
{
    /// <summary>Path in the header before the prefix; null: none.</summary>
    public string? Path { get; init; }

    /// <summary>Other files under headers, in the prompt's order.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    public bool Equals(MarkedHole? other) => other is not null && (Prefix, Suffix, Path) == (other.Prefix, other.Suffix, other.Path) && Related.SequenceEqual(other.Related);

    public override int GetHashCode() => HashCode.Combine(Prefix, Suffix, Path, Related.Count);
}
