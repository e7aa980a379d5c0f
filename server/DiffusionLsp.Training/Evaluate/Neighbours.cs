using System.Collections.Concurrent;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>
/// The other files of a package as an editor's workspace would contain them, but in their final state, which is optimistic. Excluded is
/// what would be cheating or is ignored in use: the file itself, files with more than half of its distinct lines, large files, and
/// duplicates. Thread-safe while the shard is open.
/// </summary>
internal sealed class Neighbours(TokenShard shard, CodeTokenizer tokenizer)
{
    /// <summary>Maximum bytes of one file, and of all, as in the language server.</summary>
    public const int MostBytes = 300_000, MostBytesInAll = 4_000_000;

    private readonly ILookup<string, int> packages = Enumerable.Range(0, shard.Count).ToLookup(shard.Package);
    private readonly ConcurrentDictionary<int, Lines> texts = new();

    /// <summary>The index of a case's neighbours, with the nearest by path preferred.</summary>
    public WorkspaceIndex IndexOf(EvaluationCase hole)
    {
        var builder = new WorkspaceIndex.Builder(tokenizer);
        int[] nearest = [.. Nearest(hole)];
        builder.Expect(nearest.Sum(document => shard.Document(document).Length + 1));
        foreach (int document in nearest.Reverse())
            builder.Add(shard.Path(document), new TokenizedText(shard.Ids(document)));
        return builder.Build();
    }

    /// <summary>Whether the hole's lines, with the line before, also occur in a neighbour.</summary>
    public bool HasClone(EvaluationCase hole)
    {
        int line = hole.Hole.Start == 0 ? 0 : hole.Text.LastIndexOf('\n', hole.Hole.Start - 1) + 1;
        int before = line < 2 ? 0 : hole.Text.LastIndexOf('\n', line - 2) + 1;
        int end = hole.Text.IndexOf('\n', hole.Hole.End) is var found and >= 0 ? found : hole.Text.Length;
        string wanted = Lines.Trimmed(hole.Text[before..end]);
        return Nearest(hole).Any(document => Text(document).Text.Contains(wanted, StringComparison.Ordinal));
    }

    private IEnumerable<int> Nearest(EvaluationCase hole)
    {
        var own = new Lines(hole.Text);
        string[] folders = hole.Path.Split('/');
        int left = MostBytesInAll;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (int document in packages[hole.Package].OrderByDescending(d => Common(folders, shard.Path(d))).ThenBy(shard.Path, StringComparer.Ordinal))
        {
            if (shard.Path(document) == hole.Path) continue;
            Lines text = Text(document);
            if (text.Bytes > MostBytes || text.Bytes > left || own.Shares(text) || !seen.Add(text.Text)) continue;
            left -= text.Bytes;
            yield return document;
        }
    }

    private static int Common(string[] folders, string path) => folders.Zip(path.Split('/')).TakeWhile(pair => pair.First == pair.Second).Count();

    private Lines Text(int document) => texts.GetOrAdd(document, d => new Lines(tokenizer.Decode(shard.Ids(d))));

    /// <summary>A text's lines without leading and trailing whitespace.</summary>
    private sealed class Lines(string text)
    {
        private readonly HashSet<string> distinct = [.. Trimmed(text).Split('\n')];

        public int Bytes { get; } = System.Text.Encoding.UTF8.GetByteCount(text);

        public string Text { get; } = Trimmed(text);

        /// <summary>Whether the other text contains more than half of this one's distinct lines.</summary>
        public bool Shares(Lines other) => 2 * distinct.Count(other.distinct.Contains) > distinct.Count;

        public static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
    }
}
