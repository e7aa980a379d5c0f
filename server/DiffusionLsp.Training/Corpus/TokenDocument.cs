namespace DiffusionLsp.Training.Corpus;

/// <summary>One tokenized source file, to be written into a shard. It knows nothing of the shard.</summary>
/// <param name="Path">Path inside the package, forward slashes.</param>
/// <param name="Package">Its package: kind, name and version.</param>
/// <param name="License">Licence as the package declares it.</param>
/// <param name="Order">Sort key of the deterministic shuffle.</param>
/// <param name="Bytes">Size of the text in UTF-8.</param>
/// <param name="Tokens">Token ids.</param>
internal sealed record TokenDocument(string Path, string Package, string? License, ulong Order, int Bytes, ushort[] Tokens);
