using System.Text.RegularExpressions;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Texts of other files of a document's package, as the language server puts them before the prefix: of files nearby, the windows of whole lines that have the
/// most words in common with the document, the most similar last, each under a comment with its path. It draws no holes. Thread-safe.
/// </summary>
internal sealed partial class PackageFiles
{
    private const int Nearby = 6, MostTexts = 3, WindowLines = 20, MostTokens = 2048; // tokens that are looked at in one file

    private readonly TokenShard shard;
    private readonly CodeTokenizer tokenizer;
    private readonly RelatedLayout layout;
    private readonly string language;
    private readonly int[] sorted, place; // documents by package and path, and the place of each

    public PackageFiles(TokenShard shard, CodeTokenizer tokenizer)
    {
        (this.shard, this.tokenizer) = (shard, tokenizer);
        layout = RelatedLayout.Of(tokenizer, marks: false);
        language = shard.Name.Split('.')[0];
        sorted = [.. Enumerable.Range(0, shard.Count).OrderBy(shard.Package, StringComparer.Ordinal).ThenBy(shard.Path, StringComparer.Ordinal).ThenBy(d => d)];
        place = new int[shard.Count];
        for (int i = 0; i < sorted.Length; i++) place[sorted[i]] = i;
    }

    /// <summary>The tokens of these texts; empty: the package has no other file that fits.</summary>
    /// <param name="skip">Tokens of the document before the text that will follow.</param>
    /// <param name="room">Maximum number of tokens.</param>
    public int[] Before(int document, int skip, int room, Random random)
    {
        HashSet<string> own = Words(Text(document, skip, room));
        var found = Neighbours(document).Select(other => Best(other, own, random)).OfType<(RelatedText Text, double Score)>().OrderByDescending(t => t.Score).ToList();
        var taken = new Stack<int[]>();
        foreach (var (text, _) in found.Take(MostTexts))
        {
            if (layout.Lay(text, language) is not { } ids || ids.Length > room) continue;
            taken.Push(ids);
            room -= ids.Length;
        }
        return [.. taken.SelectMany(ids => ids)];
    }

    /// <summary>Files of the same package, and of the same folder before others, because paths are sorted.</summary>
    private IEnumerable<int> Neighbours(int document)
    {
        int at = place[document];
        for (int i = Math.Max(0, at - Nearby / 2); i < Math.Min(sorted.Length, at + Nearby / 2 + 1); i++)
            if (i != at && shard.Package(sorted[i]) == shard.Package(document) && shard.Path(sorted[i]) != shard.Path(document)) yield return sorted[i];
    }

    /// <summary>The window of whole lines with the most words in common.</summary>
    private (RelatedText Text, double Score)? Best(int other, HashSet<string> own, Random random)
    {
        int length = shard.Document(other).Length;
        string[] lines = Text(other, length <= MostTokens ? 0 : random.Next(length - MostTokens), MostTokens).Split('\n');
        (string Text, double Score) best = ("", 0);
        for (int start = 0; start < lines.Length; start += WindowLines / 2)
        {
            string window = string.Join('\n', lines.Skip(start).Take(WindowLines)).Trim('\n');
            HashSet<string> words = Words(window);
            double score = words.Count == 0 ? 0 : words.Count(own.Contains) / (double)(words.Count + own.Count);
            if (score > best.Score) best = (window, score);
        }
        return best.Score > 0 ? (new RelatedText(shard.Path(other), best.Text), best.Score) : null;
    }

    /// <summary>Some tokens as text, without a first line that is cut.</summary>
    private string Text(int document, int skip, int count)
    {
        int[] ids = shard.Ids(document);
        string text = tokenizer.Decode(ids.AsSpan(skip, Math.Min(count, ids.Length - skip))).Trim('\uFFFD');
        return skip > 0 && text.IndexOf('\n') is var line and >= 0 ? text[(line + 1)..] : text;
    }

    private static HashSet<string> Words(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\w{3,}", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
