using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// A memory-mapped shard: documents as token ids in shuffled order. It does not interpret the ids. Thread-safe until disposed.
/// </summary>
internal sealed unsafe class TokenShard : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly ushort* tokens;
    private readonly Entry[] entries;

    private TokenShard(string name, Index index, MemoryMappedFile? map, MemoryMappedViewAccessor? view)
    {
        Name = name;
        VocabularySize = index.VocabularySize;
        TokenizerFingerprint = index.TokenizerFingerprint;
        entries = index.Entries;
        TokenCount = index.TokenCount;
        this.map = map;
        this.view = view;
        if (view is null) return;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        tokens = (ushort*)(start + view.PointerOffset);
    }

    /// <summary>For example <c>csharp.train</c>.</summary>
    public string Name { get; }

    /// <summary>All ids are below this.</summary>
    public int VocabularySize { get; }

    /// <summary>The <see cref="Engine.Tokenization.CodeTokenizer.Fingerprint"/> of the tokenizer that produced the ids.</summary>
    public string TokenizerFingerprint { get; }

    /// <summary>Number of documents.</summary>
    public int Count => entries.Length;

    /// <summary>Total number of tokens.</summary>
    public long TokenCount { get; }

    /// <summary>Opens <c>NAME.tokens</c> and <c>NAME.index</c>, and verifies their hashes.</summary>
    /// <exception cref="EngineException">A file is missing or damaged.</exception>
    public static TokenShard Open(string folder, string name)
    {
        string tokensPath = System.IO.Path.Combine(folder, name + ".tokens");
        string indexPath = System.IO.Path.Combine(folder, name + ".index");
        foreach (string path in new[] { tokensPath, indexPath })
        {
            if (!File.Exists(path)) throw Refuse(path, "does not exist");
        }
        Index index = ReadIndex(indexPath);
        long length = new FileInfo(tokensPath).Length;
        if (length != index.TokenCount * sizeof(ushort))
            throw Refuse(tokensPath, $"has {length} bytes where its index expects {index.TokenCount * sizeof(ushort)}");
        using (FileStream stream = File.OpenRead(tokensPath))
        {
            if (!SHA256.HashData(stream).AsSpan().SequenceEqual(index.TokensHash)) throw Refuse(tokensPath, "does not match the hash in its index");
        }
        if (length == 0) return new TokenShard(name, index, null, null); // an empty file cannot be mapped
        MemoryMappedFile map = MemoryMappedFile.CreateFromFile(tokensPath, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        return new TokenShard(name, index, map, map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
    }

    /// <summary>Token ids of one document. The span is valid until the shard is disposed of.</summary>
    public ReadOnlySpan<ushort> Document(int document)
    {
        Entry entry = entries[document];
        return entry.Length == 0 ? [] : new ReadOnlySpan<ushort>(tokens + entry.Offset, entry.Length);
    }

    /// <summary>A copy of a document's token ids in the type that tokenizers use.</summary>
    public int[] Ids(int document)
    {
        ReadOnlySpan<ushort> tokens = Document(document);
        var ids = new int[tokens.Length];
        for (int i = 0; i < ids.Length; i++) ids[i] = tokens[i];
        return ids;
    }

    /// <summary>Path of one document inside its package.</summary>
    public string Path(int document) => entries[document].Path;

    /// <summary>Package of one document.</summary>
    public string Package(int document) => entries[document].Package;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (view is null) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map!.Dispose();
    }

    private static Index ReadIndex(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        if (!content.AsSpan().StartsWith(TokenShardWriter.Magic)) throw Refuse(path, "is not an index of token documents");
        int end = content.Length - SHA256.HashSizeInBytes;
        if (end < TokenShardWriter.Magic.Length || !SHA256.HashData(content.AsSpan(0, end)).AsSpan().SequenceEqual(content.AsSpan(end)))
            throw Refuse(path, "does not match its own hash");
        using BinaryReader reader = new(new MemoryStream(content, 0, end), Encoding.UTF8);
        reader.ReadBytes(TokenShardWriter.Magic.Length);
        int vocabularySize = reader.ReadInt32();
        string fingerprint = reader.ReadString();
        byte[] tokensHash = reader.ReadBytes(SHA256.HashSizeInBytes);
        Entry[] entries = new Entry[reader.ReadInt32()];
        long expected = 0;
        Dictionary<string, string> packages = new(StringComparer.Ordinal); // many documents share few packages, so the strings are shared
        for (int i = 0; i < entries.Length; i++)
        {
            Entry entry = new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadString(), reader.ReadString());
            if (entry.Offset != expected || entry.Length < 0) throw Refuse(path, $"has a gap before document {i}");
            expected += entry.Length;
            packages.TryAdd(entry.Package, entry.Package);
            entries[i] = entry with { Package = packages[entry.Package] };
        }
        return new Index(vocabularySize, fingerprint, tokensHash, entries, expected);
    }

    private static EngineException Refuse(string path, string cause) => new($"'{path}' {cause}; make the shards again with the corpus verb.");

    private readonly record struct Entry(long Offset, int Length, string Path, string Package);

    private sealed record Index(int VocabularySize, string TokenizerFingerprint, byte[] TokensHash, Entry[] Entries, long TokenCount);
}
