using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Which entries of a folder are listed.</summary>
public sealed class FolderListingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Matching_files_in_order_without_those_below()
    {
        foreach (string name in new[] { "b.cs", "a.cs", "Z.cs", "c.ts", "below/d.cs" }) folder.Write(name, "");
        Assert.Equal(["Z.cs", "a.cs", "b.cs"], Names(FolderListing.Files(folder.Path, "*.cs", _ => true)));
        Assert.Equal(["b.cs"], Names(FolderListing.Files(folder.Path, "*.cs", path => path.EndsWith("b.cs", StringComparison.Ordinal))));
        Assert.Equal(["below"], Names(FolderListing.Folders(folder.Path)));
    }

    [UnixFact]
    public void Nothing_hidden_and_no_link()
    {
        folder.Write("real/a.cs", "");
        folder.Write(".hidden/a.cs", "");
        folder.Write(".a.cs", "");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link.cs"), Path.Combine(folder.Path, "real", "a.cs"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "around"), folder.Path);
        Assert.Equal(["real"], Names(FolderListing.Folders(folder.Path)));
        Assert.Empty(FolderListing.Files(folder.Path, "*.cs", _ => true));
    }

    [Fact]
    public void No_more_than_the_limit_and_nothing_from_what_is_no_folder()
    {
        for (int i = 0; i < FolderListing.MostListed + 20; i++) folder.Write($"{i:0000}.cs", "");
        Assert.Equal(FolderListing.MostListed, FolderListing.Files(folder.Path, "*", _ => true).Length);
        Assert.Empty(FolderListing.Files(Path.Combine(folder.Path, "none"), "*", _ => true));
        Assert.Empty(FolderListing.Folders(Path.Combine(folder.Path, "0000.cs")));
    }

    private static IEnumerable<string> Names(string[] paths) => paths.Select(path => Path.GetFileName(path));
}
