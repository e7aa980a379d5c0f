using System.Text.RegularExpressions;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Decides which documents the model never sees: secrets, generated code, stubs and duplicates. Licence and quality rules are in
/// <c>eng/corpus/clean.py</c>. One instance per language; not thread-safe.
/// </summary>
internal sealed class DocumentFilter(string language)
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex PrivateKey = new("-----BEGIN [A-Z ]*PRIVATE KEY", Linear);

    private static readonly Regex Generated = new(
        @"<auto-?generated|@generated|\bauto-?generated (by|from|file|code)|\bautomatically generated|\bcode generated\b|\bfile (is|was) generated\b|\bgenerated (by|from) |\bdo not edit\b",
        Linear | RegexOptions.IgnoreCase);

    private const int HeadLines = 8;
    private readonly HashSet<ulong> seen = [];

    /// <summary>Why a document is dropped; null: it is kept, and counts as seen.</summary>
    public DropReason? Check(CorpusDocument document)
    {
        if (PrivateKey.IsMatch(document.Text)) return DropReason.PrivateKey;
        if (Generated.IsMatch(Head(document.Text))) return DropReason.Generated;
        if (language == "csharp" && IsMostlyStubs(document.Text)) return DropReason.Stubs;
        return seen.Add(StableHash.OfInk(document.Text)) ? null : DropReason.Duplicate;
    }

    private static ReadOnlySpan<char> Head(string text)
    {
        int end = 0;
        for (int line = 0; line < HeadLines && end < text.Length; line++)
        {
            int next = text.IndexOf('\n', end);
            end = next < 0 ? text.Length : next + 1;
        }
        return text.AsSpan(0, end);
    }

    /// <summary>A stub member takes about four lines, so one such line in eight means that half of the members are stubs.</summary>
    private static bool IsMostlyStubs(string text)
    {
        int lines = 0;
        int stubs = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace()) continue;
            lines++;
            if (line.Contains("throw new NotImplementedException", StringComparison.Ordinal)) stubs++;
        }
        return stubs >= 2 && stubs * 8 >= lines;
    }
}

/// <summary>Why a document is not used.</summary>
internal enum DropReason
{
    /// <summary>It contains a private key.</summary>
    PrivateKey,
    /// <summary>Its first lines say that it is generated.</summary>
    Generated,
    /// <summary>Most of its members only throw NotImplementedException.</summary>
    Stubs,
    /// <summary>Ignoring whitespace, it was seen before.</summary>
    Duplicate,
}
