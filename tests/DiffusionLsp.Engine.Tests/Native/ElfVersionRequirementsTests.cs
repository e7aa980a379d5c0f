using System.Buffers.Binary;
using DiffusionLsp.Engine.Native;
using FsCheck.Xunit;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Editing a real library's version table changes what it should and nothing else.</summary>
public sealed class ElfVersionRequirementsTests
{
    private const string Version = "GLIBCXX_3.4.32";

    // TorchSharp's own library; on other systems the packages hold no ELF file.
    private static readonly string Shim = ShimFile.Path;

    [Fact]
    public void The_real_library_requires_the_version_until_it_is_marked()
    {
        byte[] image = File.ReadAllBytes(Shim);

        Assert.True(ElfVersionRequirements.Requires(image, Version));
        Assert.Equal(1, ElfVersionRequirements.MarkWeak(image, Version));
        Assert.False(ElfVersionRequirements.Requires(image, Version));
    }

    [Fact]
    public void Only_the_weak_flag_changes()
    {
        byte[] before = File.ReadAllBytes(Shim), after = [.. before];
        ElfVersionRequirements.MarkWeak(after, Version);

        int[] changed = [.. Enumerable.Range(0, before.Length).Where(i => before[i] != after[i])];

        int at = Assert.Single(changed);
        Assert.Equal(before[at] | 2, after[at]);
    }

    [Fact]
    public void Marking_twice_is_marking_once()
    {
        byte[] once = File.ReadAllBytes(Shim);
        ElfVersionRequirements.MarkWeak(once, Version);
        byte[] twice = [.. once];

        Assert.Equal(0, ElfVersionRequirements.MarkWeak(twice, Version));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void Other_versions_are_left_alone()
    {
        byte[] before = File.ReadAllBytes(Shim), after = [.. before];

        Assert.Equal(0, ElfVersionRequirements.MarkWeak(after, "GLIBCXX_9.9.9"));
        Assert.Equal(0, ElfVersionRequirements.MarkWeak(after, "GLIBCXX_3.4.3")); // a prefix of real ones
        Assert.Equal(before, after);
    }

    [Property(MaxTest = 500)]
    public void Garbage_is_not_an_ELF_file(byte[] bytes) =>
        Assert.Throws<InvalidDataException>(() => ElfVersionRequirements.Requires(bytes, Version));

    [Property(MaxTest = 1000)]
    public void Garbage_behind_an_ELF_magic_is_refused_or_harmless(byte[] bytes)
    {
        var image = new byte[64 + bytes.Length];
        bytes.CopyTo(image, image.Length - bytes.Length);
        OnlyInvalidData(() => ElfVersionRequirements.MarkWeak(WithMagic(image), Version));
    }

    [Property(MaxTest = 300)]
    public void A_damaged_section_table_is_refused_or_harmless(int[] places, byte[] values)
    {
        byte[] image = Small();
        for (int i = 0; i < Math.Min(places.Length, values.Length); i++) image[(int)((uint)places[i] % (uint)image.Length)] = values[i];
        OnlyInvalidData(() => ElfVersionRequirements.MarkWeak(WithMagic(image), Version));
    }

    [Fact]
    public void The_small_example_is_understood()
    {
        byte[] image = Small();
        Assert.True(ElfVersionRequirements.Requires(image, Version));
        Assert.Equal(1, ElfVersionRequirements.MarkWeak(image, Version));
    }

    [Fact]
    public void A_chain_that_does_not_move_ends()
    {
        byte[] image = Small();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(64 + 0x2C), uint.MaxValue); // sh_info: needed libraries
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(192 + 2), ushort.MaxValue); // vn_cnt: versions of the first

        Assert.Equal(1, ElfVersionRequirements.MarkWeak(image, Version));
    }

    [Fact]
    public void A_name_that_the_file_cuts_off_is_another_name()
    {
        Assert.False(ElfVersionRequirements.Requires(Small()[..^1], Version));
        Assert.Throws<InvalidDataException>(() => ElfVersionRequirements.Requires(Small()[..220], Version));
    }

    /// <summary>The smallest file with a version table: header, two section headers (needs at 192, strings at 224), one need with one version.</summary>
    private static byte[] Small()
    {
        var image = new byte[224 + Version.Length + 1];
        Span<byte> span = WithMagic(image);
        BinaryPrimitives.WriteUInt64LittleEndian(span[0x28..], 64);         // e_shoff
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x3A..], 64);         // e_shentsize
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x3C..], 2);          // e_shnum
        BinaryPrimitives.WriteUInt32LittleEndian(span[(64 + 4)..], 0x6ffffffe);  // sh_type: needs
        BinaryPrimitives.WriteUInt64LittleEndian(span[(64 + 0x18)..], 192); // sh_offset
        BinaryPrimitives.WriteUInt32LittleEndian(span[(64 + 0x28)..], 1);   // sh_link: strings
        BinaryPrimitives.WriteUInt32LittleEndian(span[(64 + 0x2C)..], 1);   // sh_info: one need
        BinaryPrimitives.WriteUInt64LittleEndian(span[(128 + 0x18)..], 224);
        BinaryPrimitives.WriteUInt16LittleEndian(span[(192 + 2)..], 1);     // vn_cnt
        BinaryPrimitives.WriteUInt32LittleEndian(span[(192 + 8)..], 16);    // vn_aux
        System.Text.Encoding.ASCII.GetBytes(Version, span[224..]);
        return image;
    }

    private static byte[] WithMagic(byte[] image)
    {
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(image, 0);
        return image;
    }

    private static void OnlyInvalidData(Action action)
    {
        try { action(); }
        catch (InvalidDataException) { /* a refusal is fine; any other exception fails the test */ }
    }
}
