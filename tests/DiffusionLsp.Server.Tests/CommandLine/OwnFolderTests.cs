using DiffusionLsp.Server.CommandLine;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>The files that DiffusionLsp stores on a disk: counted without following links, and removed without touching anything else.</summary>
public sealed class OwnFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bytes_are_those_of_the_files_in_it()
    {
        folder.Write("cache/models/a/model.safetensors", new string('x', 1000));
        folder.Write("outside/large", new string('x', 5000));
        if (!OperatingSystem.IsWindows()) Directory.CreateSymbolicLink(Path.Combine(folder.Path, "cache", "models", "link"), Path.Combine(folder.Path, "outside"));
        Assert.Equal(1000, Find("models").Bytes());
        Assert.Equal(0, Find("libtorch").Bytes());
        Assert.Equal("models 0.0 MB", Find("models").Describe());
        Assert.Equal("libtorch empty", Find("libtorch").Describe());
    }

    [UnixFact]
    public void A_cache_goes_and_what_a_link_leads_to_stays()
    {
        folder.Write("cache/libtorch/cpu/libc10.so", "x");
        folder.Write("outside/precious", "x");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "cache", "libtorch", "link"), Path.Combine(folder.Path, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "cache", "models"), Path.Combine(folder.Path, "outside"));
        foreach (OwnFolder each in All().Where(f => f.IsCache)) each.Remove();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "cache")));
        Assert.Equal("x", File.ReadAllText(Path.Combine(folder.Path, "outside", "precious")));
    }

    /// <summary>On Windows and macOS both are the same folder.</summary>
    [Fact]
    public void What_was_counted_is_told_apart_from_caches_in_the_same_folder()
    {
        folder.Write("cache/models/a/config.json", "{}");
        folder.Write("cache/metrics-2026-11.jsonl", "x");
        IReadOnlyList<OwnFolder> all = OwnFolder.Of(Path.Combine(folder.Path, "cache"), Path.Combine(folder.Path, "cache"));
        OwnFolder metrics = all.Single(f => !f.IsCache);
        Assert.Equal(1, metrics.Bytes());
        metrics.Remove();
        Assert.True(File.Exists(Path.Combine(folder.Path, "cache", "models", "a", "config.json")));
        Assert.False(File.Exists(Path.Combine(folder.Path, "cache", "metrics-2026-11.jsonl")));
        all.First(f => f.Name == "models").Remove();
        metrics.Remove();
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "cache")));
    }

    private IReadOnlyList<OwnFolder> All() => OwnFolder.Of(Path.Combine(folder.Path, "cache"), Path.Combine(folder.Path, "data"));

    private OwnFolder Find(string name) => All().Single(f => f.Name == name);
}
