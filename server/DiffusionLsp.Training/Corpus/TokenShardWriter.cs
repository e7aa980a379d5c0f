using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Writes a shard: a file of token ids and an index, each with a hash. The caller determines the order of documents;
/// <see cref="TokenShard"/> reads them back.
/// </summary>
internal static class TokenShardWriter
{
    /// <summary>Identifies an index file and its version.</summary>
    public static ReadOnlySpan<byte> Magic => "DLSPIX01"u8;

    /// <summary>Writes <c>NAME.tokens</c> and <c>NAME.index</c>. The index appears last and whole, so a shard that has one can be opened.</summary>
    public static void Write(string folder, string name, IReadOnlyList<TokenDocument> documents, int vocabularySize, string tokenizerFingerprint)
    {
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, name + ".index"));
        byte[] tokensHash = WriteTokens(Path.Combine(folder, name + ".tokens"), documents);

        using MemoryStream index = new();
        using BinaryWriter writer = new(index, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(vocabularySize);
        writer.Write(tokenizerFingerprint);
        writer.Write(tokensHash);
        writer.Write(documents.Count);
        long offset = 0;
        foreach (TokenDocument document in documents)
        {
            writer.Write(offset);
            writer.Write(document.Tokens.Length);
            writer.Write(document.Path);
            writer.Write(document.Package);
            offset += document.Tokens.Length;
        }
        writer.Flush();
        writer.Write(SHA256.HashData(index.GetBuffer().AsSpan(0, (int)index.Length)));
        writer.Flush();
        string path = Path.Combine(folder, name + ".index"), partial = path + ".partial";
        using (FileStream file = File.Create(partial)) index.WriteTo(file);
        File.Move(partial, path, overwrite: true);
    }

    private static byte[] WriteTokens(string path, IReadOnlyList<TokenDocument> documents)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Token shards are little-endian; write them on a little-endian machine.");
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        foreach (TokenDocument document in documents)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(document.Tokens.AsSpan());
            hash.AppendData(bytes);
            file.Write(bytes);
        }
        return hash.GetHashAndReset();
    }
}
