using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>The location of documents, whatever the scheme and the spelling of their URIs and of the workspace's.</summary>
public class WorkspaceFileTests
{
    [Theory]
    [InlineData("file:///w/s/.env", "file:///w", "/w", "s/.env", true)]
    [InlineData("file:/w/s/.env", "file:/w/", "/w", "s/.env", true)]
    [InlineData("file:///w/s/%2Eenv", "file:///w", "/w", "s/.env", true)]
    [InlineData("file:///w/x/../s/.env", "file:///w", "/w", "s/.env", true)]
    [InlineData("file:///a%20b/c.ts", "file:///a b", "/a b", "c.ts", true)]
    [InlineData("file:///s/.env", "file:///", "/", "s/.env", true)]
    [InlineData("file:///.env", "file:///", "/", ".env", true)]
    [InlineData("file:///w2/.env", "file:///w", null, "w2/.env", true)]
    [InlineData("file:///w", "file:///w", null, "w", true)]
    [InlineData("untitled:.env", "file:///w", null, ".env", false)]
    [InlineData("untitled:/w/s/.env", "file:///w", "/w", "s/.env", false)]
    [InlineData("vscode-remote://ssh-remote%2Bh/w/.env", "vscode-remote://ssh-remote+h/w", "/w", ".env", false)]
    [InlineData("vscode-vfs://github/owner/name/.env", "vscode-vfs://github/owner/name", "/owner/name", ".env", false)]
    [InlineData("vscode-notebook-cell:/w/s/a.ipynb#W0sZ", "file:///w", "/w", "s/a.ipynb", false)]
    [InlineData("git:/w/.env?%7B%22ref%22%3A%22HEAD%22%7D", "file:///w", "/w", ".env", false)]
    [InlineData("anything:/w/.env", "", null, "w/.env", false)]
    [InlineData("/w/.env", "file:///w", "/w", ".env", true)]
    [InlineData(".env", "file:///w", null, ".env", false)]
    public void A_document_has_a_path(string uri, string root, string? expectedRoot, string path, bool isOnDisk)
    {
        WorkspaceFile file = WorkspaceFile.From(uri, [root])!;
        Assert.Equal((expectedRoot, path, isOnDisk), (file.Root, file.Path, file.IsOnDisk));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:///")]
    [InlineData("untitled:")]
    [InlineData("vscode-remote://authority")]
    public void No_path_is_no_file(string uri) => Assert.Null(WorkspaceFile.From(uri, ["file:///"]));

    [Fact]
    public void The_innermost_folder_counts()
    {
        Assert.Equal("/w/inner", WorkspaceFile.From("file:///w/inner/a.ts", ["file:///", "file:///w/inner", "file:///w"])!.Root);
        Assert.Equal("b.ts", WorkspaceFile.From("file:///a.ts", ["file:///"])!.Beside("/b.ts")!.Path);
        Assert.Null(WorkspaceFile.From("file:///w/a.ts", ["file:///w"])!.Beside("/w2/b.ts"));
    }
}
