namespace DiffusionLsp.Server.Downloads;

/// <summary>One file of a repository on a hub.</summary>
/// <param name="Name">A plain file name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Checksum">The checksum of its content.</param>
internal sealed record HubFile(string Name, long Bytes, FileChecksum Checksum);

/// <summary>How a hub identifies content: large files by SHA-256, others by git's blob hash.</summary>
internal abstract record FileChecksum
{
    /// <summary>SHA-256 of the content, in lower-case hexadecimal.</summary>
    internal sealed record Sha256(string Hex) : FileChecksum;

    /// <summary>Git's blob hash: SHA-1 over "blob LENGTH\0" and the content.</summary>
    internal sealed record GitBlob(string Hex) : FileChecksum;
}
