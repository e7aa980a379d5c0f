using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>The modified shim: loaded from memory, or from a copy that is intact whatever an earlier start or another process left.</summary>
public sealed class RelaxedShimTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_private_copy_is_relaxed_and_the_original_is_not()
    {
        byte[] original = File.ReadAllBytes(ShimFile.Path);

        string copy = RelaxedShim.Copy(ShimFile.Path, folder.Path);

        Assert.StartsWith(folder.Path, copy);
        Assert.False(ElfVersionRequirements.Requires(File.ReadAllBytes(copy), RelaxedShim.Version));
        Assert.Equal(original, File.ReadAllBytes(ShimFile.Path));
    }

    [Fact]
    public void A_second_start_uses_the_first_copy()
    {
        string first = RelaxedShim.Copy(ShimFile.Path, folder.Path);
        File.SetLastWriteTimeUtc(first, new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc));

        string second = RelaxedShim.Copy(ShimFile.Path, folder.Path);

        Assert.Equal(first, second);
        Assert.Equal(2001, File.GetLastWriteTimeUtc(second).Year);
        Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    public static TheoryData<string> Damages => ["empty", "cut", "longer", "other byte"];

    [Theory, MemberData(nameof(Damages))]
    public void A_copy_that_is_not_whole_is_made_anew(string damage)
    {
        string copy = RelaxedShim.Copy(ShimFile.Path, folder.Path);
        byte[] whole = File.ReadAllBytes(copy);
        byte[] other = [.. whole];
        other[other.Length / 2] ^= 1;
        File.WriteAllBytes(copy, damage switch { "empty" => [], "cut" => whole[..(whole.Length / 2)], "longer" => [.. whole, 0], _ => other });

        Assert.Equal(copy, RelaxedShim.Copy(ShimFile.Path, folder.Path));
        Assert.Equal(whole, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Several_starts_at_once_find_it_whole()
    {
        string[] copies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RelaxedShim.Copy(ShimFile.Path, folder.Path))));

        Assert.Single(copies.Distinct());
        Assert.False(ElfVersionRequirements.Requires(File.ReadAllBytes(copies[0]), RelaxedShim.Version));
        Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Another_library_gets_another_copy()
    {
        string other = folder.File("libLibTorchSharp.so");
        File.WriteAllBytes(other, [.. File.ReadAllBytes(ShimFile.Path), 0]);

        Assert.NotEqual(RelaxedShim.Copy(ShimFile.Path, folder.Path), RelaxedShim.Copy(other, folder.Path));
    }

    [Fact]
    public void What_is_no_library_is_refused()
    {
        File.WriteAllText(folder.File("libLibTorchSharp.so"), "not a library");

        Assert.Throws<InvalidDataException>(() => RelaxedShim.Copy(folder.File("libLibTorchSharp.so"), folder.Path));
    }

    [LinuxFact]
    public void A_library_loads_from_memory_and_what_is_none_does_not()
    {
        NativeBackend.Load(); // the shim needs libtorch
        byte[] image = File.ReadAllBytes(ShimFile.Path);
        ElfVersionRequirements.MarkWeak(image, RelaxedShim.Version);

        Assert.NotNull(RelaxedShim.LoadFromMemory(image));
        Assert.Null(RelaxedShim.LoadFromMemory([1, 2, 3]));
    }
}
