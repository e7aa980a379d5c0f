using System.Buffers.Binary;
using System.Text;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Reads and relaxes the symbol-version requirements (<c>.gnu.version_r</c>) of a 64-bit little-endian ELF
/// shared library, in memory. It knows nothing of files, caches or loading.
/// Layout: System V gABI (section headers) and the GNU symbol versioning extension (Verneed, Vernaux).
/// </summary>
internal static class ElfVersionRequirements
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort WeakFlag = 0x2;

    /// <summary>
    /// Marks every requirement of <paramref name="version"/> as weak, so that the dynamic linker only warns if the library that should
    /// define it is older. Safe only if no relocation binds to a symbol of that version.
    /// </summary>
    /// <param name="image">The whole library; modified in place.</param>
    /// <returns>How many requirements were newly marked.</returns>
    /// <exception cref="InvalidDataException">The image is not a well-formed 64-bit little-endian ELF file.</exception>
    public static int MarkWeak(Span<byte> image, string version)
    {
        int marked = 0;
        foreach (int aux in AuxiliaryEntries(image, version))
        {
            ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(image[(aux + 4)..]);
            if ((flags & WeakFlag) != 0) continue;
            BinaryPrimitives.WriteUInt16LittleEndian(image[(aux + 4)..], (ushort)(flags | WeakFlag));
            marked++;
        }
        return marked;
    }

    /// <summary>Whether the image has a requirement of <paramref name="version"/> that is not weak.</summary>
    /// <exception cref="InvalidDataException">The image is not a well-formed 64-bit little-endian ELF file.</exception>
    public static bool Requires(ReadOnlySpan<byte> image, string version)
    {
        foreach (int aux in AuxiliaryEntries(image, version))
            if ((BinaryPrimitives.ReadUInt16LittleEndian(image[(aux + 4)..]) & WeakFlag) == 0) return true;
        return false;
    }

    private static List<int> AuxiliaryEntries(ReadOnlySpan<byte> image, string version)
    {
        try { return FindAuxiliaryEntries(image, Encoding.ASCII.GetBytes(version + "\0")); }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The library's ELF tables point outside the file.", e);
        }
    }

    private static List<int> FindAuxiliaryEntries(ReadOnlySpan<byte> image, ReadOnlySpan<byte> terminatedVersion)
    {
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        int sectionTable = checked((int)U64(image, 0x28));
        int entrySize = U16(image, 0x3A), sections = U16(image, 0x3C);
        var found = new List<int>();
        for (int i = 0; i < sections; i++)
        {
            int header = sectionTable + i * entrySize;
            if (U32(image, header + 4) != SectionTypeVersionNeed) continue;
            int need = checked((int)U64(image, header + 0x18));
            int strings = checked((int)U64(image, sectionTable + checked((int)U32(image, header + 0x28)) * entrySize + 0x18));
            // A chain of needed libraries, each with a chain of versions; offsets are relative, 0 ends a chain.
            for (uint left = U32(image, header + 0x2C); left > 0; left--)
            {
                int aux = need + checked((int)U32(image, need + 8));
                for (int count = U16(image, need + 2); count > 0; count--)
                {
                    int name = strings + checked((int)U32(image, aux + 8));
                    if (image[name..].StartsWith(terminatedVersion)) found.Add(aux);
                    if (U32(image, aux + 12) is 0) break;
                    aux += checked((int)U32(image, aux + 12));
                }
                if (U32(image, need + 12) is 0) break;
                need += checked((int)U32(image, need + 12));
            }
        }
        return found;
    }

    private static ushort U16(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image.Slice(at, 2));
    private static uint U32(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image.Slice(at, 4));
    private static ulong U64(ReadOnlySpan<byte> image, int at) => BinaryPrimitives.ReadUInt64LittleEndian(image.Slice(at, 8));
}
