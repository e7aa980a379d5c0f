using System.Text;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Packs a corpus folder for a machine without network: filtered source text, about half of what compressed token ids take, in parts of limited size. Each part holds a
/// share of every language, so that training can begin on the first; inside a part, similar texts are neighbours. Evaluation texts are in the first.
/// </summary>
/// <param name="limit">Maximum size of a part in bytes.</param>
/// <param name="level">0 to 9, as of xz.</param>
internal sealed class CorpusPacker(long limit, int level)
{
    private const double ExpectedRatio = 0.2; // of compressed to uncompressed source text; 0.18 was seen
    private const int FoldersOfAUnit = 3;

    private readonly List<PackedPart> parts = [];
    private readonly Dictionary<string, PackedPackage> packages = new(StringComparer.Ordinal);

    /// <summary>Packs every language that has files.</summary>
    /// <exception cref="EngineException">There are none, or xz is missing.</exception>
    public PackedIndex Pack(string corpus, string output)
    {
        List<(PackedHeader Header, byte[] Text)> all = [.. Documents(corpus)];
        if (all.Count == 0) throw new EngineException($"'{corpus}' holds no out/train/LANGUAGE.jsonl.gz; run eng/corpus/fetch.sh and name its work folder.");
        Directory.CreateDirectory(output);
        int shares = (int)Math.Max(1, Math.Ceiling(all.Sum(d => (double)d.Text.Length) * ExpectedRatio / limit));
        var ordered = all.Select(d => (d.Header, d.Text, Share: Share(d.Header, shares)))
            .OrderBy(d => d.Share).ThenBy(d => d.Header.Split, StringComparer.Ordinal).ThenBy(d => d.Header.Language, StringComparer.Ordinal)
            .ThenBy(d => d.Header.Package, StringComparer.Ordinal).ThenBy(d => d.Header.Path, StringComparer.Ordinal);
        foreach (var share in ordered.GroupBy(d => d.Share))
        {
            var left = new Queue<(PackedHeader, byte[])>(share.Select(d => (d.Header, d.Text)));
            while (left.Count > 0) WritePart(output, left);
        }
        var index = new PackedIndex(PackedIndex.CurrentFormat, parts, [.. packages.Values.OrderBy(p => p.Package, StringComparer.Ordinal)]);
        index.Write(output);
        return index;
    }

    private static IEnumerable<(PackedHeader, byte[])> Documents(string corpus)
    {
        foreach (string split in new[] { "train", "eval" })
            foreach (string language in CorpusFolder.LanguagesOf(corpus, split))
            {
                var filter = new DocumentFilter(language);
                foreach (CorpusDocument document in CorpusFolder.Read(CorpusFolder.FileOf(corpus, split, language)))
                {
                    if (filter.Check(document) is not null) continue;
                    byte[] text = Encoding.UTF8.GetBytes(document.Text);
                    yield return (new PackedHeader(split, language, document.Package, document.Path, document.License, text.Length), text);
                }
            }
    }

    /// <summary>Which share a document belongs to: the files of a folder stay together.</summary>
    private static int Share(PackedHeader header, int shares) => header.Split == "eval" ? 0
        : (int)(StableHash.Of(header.Package + "\n" + string.Join('/', header.Path.Split('/')[..^1].Take(FoldersOfAUnit))) % (ulong)shares);

    private void WritePart(string output, Queue<(PackedHeader Header, byte[] Text)> left)
    {
        string name = $"part-{parts.Count + 1:D3}.xz", path = Path.Combine(output, name);
        int documents = 0;
        long bytes = 0;
        using (var writer = new XzWriter(path, level))
        {
            // xz holds text back; source text becomes less than half of that.
            while (left.Count > 0 && (documents == 0 || writer.Written + (writer.Pending + left.Peek().Text.Length) / 2 < limit))
            {
                (PackedHeader header, byte[] text) = left.Dequeue();
                writer.Write(PackedCorpus.Entry(header, text));
                (documents, bytes) = (documents + 1, bytes + text.Length);
                packages[header.Package] = packages.TryGetValue(header.Package, out PackedPackage? known) ? known with { Documents = known.Documents + 1 } : new(header.Package, header.License, 1);
            }
            writer.Write(PackedCorpus.End(documents));
            writer.Finish();
        }
        parts.Add(new PackedPart(name, new FileInfo(path).Length, documents, bytes));
    }
}
