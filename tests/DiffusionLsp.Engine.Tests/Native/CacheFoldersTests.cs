using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Where caches are. The variable is read once per process, so the rule itself is tested.</summary>
public sealed class CacheFoldersTests
{
    [LinuxFact]
    public void XDG_CACHE_HOME_is_honoured_on_Linux()
    {
        Assert.Equal("/some/where/diffusion-lsp", CacheFolders.RootFor("/some/where"));
    }

    [LinuxTheory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative/path")]
    public void Without_a_usable_value_the_cache_lies_in_the_home_folder(string? value)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Combine(home, ".cache", "diffusion-lsp"), CacheFolders.RootFor(value));
    }

    [LinuxTheory]
    [InlineData("/some/where", "/some/where/diffusion-lsp")]
    [InlineData("relative", null)]
    [InlineData(null, null)]
    public void The_data_folder_follows_its_own_variable(string? value, string? expected)
    {
        Assert.Equal(expected ?? Path.Combine(UserPath.Home, ".local", "share", "diffusion-lsp"), CacheFolders.DataFor(value));
    }

    [Fact]
    public void Everything_lies_below_the_root()
    {
        Assert.Equal(CacheFolders.RootFor(Environment.GetEnvironmentVariable("XDG_CACHE_HOME")), CacheFolders.Root);
        Assert.Equal(Path.Combine(CacheFolders.Root, "native"), CacheFolders.Native);
        Assert.Equal(Path.Combine(CacheFolders.Root, "logs"), CacheFolders.Logs);
    }
}
