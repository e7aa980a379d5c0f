using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>The private copy of the shim, the C++ runtime's version, and that torch works after loading.</summary>
public sealed class NativeBackendTests
{
    [Fact]
    public void Torch_works_and_loading_again_changes_nothing()
    {
        NativeBackendInfo first = NativeBackend.Load();
        using TorchSharp.torch.Tensor ones = TorchSharp.torch.ones(3);

        Assert.Equal(3, ones.sum().item<float>());
        Assert.Same(first, NativeBackend.Load("/no/such/folder"));
    }

    [LinuxFact]
    public void The_runtime_of_this_system_is_read()
    {
        string? newest = LibStdCxx.NewestVersion();

        Assert.Matches(@"^GLIBCXX_3\.4\.\d+$", newest);
        Assert.False(LibStdCxx.Lacks(newest!));
        Assert.False(LibStdCxx.Lacks("GLIBCXX_3.4"));
        Assert.True(LibStdCxx.Lacks("GLIBCXX_3.4.9999"));
    }
}
