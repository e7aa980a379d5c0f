using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>The private copy of the shim, the C++ runtime's version, and that torch works after loading.</summary>
public sealed class NativeBackendTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_private_copy_is_relaxed_and_the_original_is_not()
    {
        byte[] original = File.ReadAllBytes(ShimFile.Path);

        string copy = NativeBackend.RelaxedCopy(ShimFile.Path, folder.Path);

        Assert.StartsWith(folder.Path, copy);
        Assert.False(ElfVersionRequirements.Requires(File.ReadAllBytes(copy), "GLIBCXX_3.4.32"));
        Assert.Equal(original, File.ReadAllBytes(ShimFile.Path));
    }

    [Fact]
    public void A_second_start_uses_the_first_copy()
    {
        string first = NativeBackend.RelaxedCopy(ShimFile.Path, folder.Path);
        File.SetLastWriteTimeUtc(first, new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc));

        string second = NativeBackend.RelaxedCopy(ShimFile.Path, folder.Path);

        Assert.Equal(first, second);
        Assert.Equal(2001, File.GetLastWriteTimeUtc(second).Year);
        Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Another_library_gets_another_copy()
    {
        string other = folder.File("libLibTorchSharp.so");
        File.WriteAllBytes(other, [.. File.ReadAllBytes(ShimFile.Path), 0]);

        Assert.NotEqual(NativeBackend.RelaxedCopy(ShimFile.Path, folder.Path), NativeBackend.RelaxedCopy(other, folder.Path));
    }

    [Fact]
    public void What_is_no_library_is_refused()
    {
        File.WriteAllText(folder.File("libLibTorchSharp.so"), "not a library");

        Assert.Throws<InvalidDataException>(() => NativeBackend.RelaxedCopy(folder.File("libLibTorchSharp.so"), folder.Path));
    }

    [Fact]
    public void Torch_works_and_loading_again_changes_nothing()
    {
        NativeBackendInfo first = NativeBackend.Load();
        using TorchSharp.torch.Tensor ones = TorchSharp.torch.ones(3);

        Assert.Equal(3, ones.sum().item<float>());
        Assert.Same(first, NativeBackend.Load("/no/such/folder"));
        Assert.Same(first, NativeBackend.Current);
    }

    [Fact]
    public void The_runtime_of_this_system_is_read()
    {
        if (!OperatingSystem.IsLinux()) return;
        string? newest = LibStdCxx.NewestVersion();

        Assert.Matches(@"^GLIBCXX_3\.4\.\d+$", newest);
        Assert.False(LibStdCxx.Lacks(newest!));
        Assert.False(LibStdCxx.Lacks("GLIBCXX_3.4"));
        Assert.True(LibStdCxx.Lacks("GLIBCXX_3.4.9999"));
    }
}
