using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>A writable folder passes and is left unchanged; for others the cause is reported.</summary>
public sealed class WritableFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_that_can_be_made_passes_and_stays_empty()
    {
        Assert.Null(WritableFolder.Problem(folder.File("a/b")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("a/b")));
    }

    [Fact]
    public void Causes_are_named()
    {
        File.WriteAllText(folder.File("file"), "");
        Assert.Equal("a file has that name", WritableFolder.Problem(folder.File("file")));
        Assert.NotNull(WritableFolder.Problem(folder.File("file/below")));
        if (OperatingSystem.IsLinux()) Assert.NotNull(WritableFolder.Problem("/proc/diffusion-lsp"));
    }
}
