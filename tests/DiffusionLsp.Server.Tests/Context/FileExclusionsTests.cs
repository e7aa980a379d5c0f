using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Which files are excluded, which text may not be used for other files, and that the reason is named.</summary>
public sealed class FileExclusionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FileExclusions exclusions = new(TimeProvider.System);
    private ServerSettings settings = new();

    public void Dispose() => folder.Dispose();

    private WorkspaceFile File(string name) => WorkspaceFile.From(folder.Uri + "/" + name, [folder.Uri])!;

    [Theory]
    [InlineData(".env", true)]
    [InlineData("app/.env.production", true)]
    [InlineData("prod.env", true)]
    [InlineData(".env.example", false)]
    [InlineData("certs/server.pem", true)]
    [InlineData("id_rsa", true)]
    [InlineData("id_rsa.pub", false)]
    [InlineData("home/.ssh/config", true)]
    [InlineData(".aws/anything", true)]
    [InlineData("src/environment.ts", false)]
    [InlineData("src/keys.ts", false)]
    [InlineData("src/envelope.env.ts", false)]
    public void Secrets_are_excluded_by_default(string name, bool excluded)
    {
        Assert.Equal(excluded, exclusions.Reason(File(name), settings) is not null);
        Assert.Equal(!excluded, exclusions.MayLeave(File(name), settings));
    }

    [Fact]
    public void The_setting_adds_and_takes_back()
    {
        settings = new ServerSettings { Exclude = new FileList(["*.private.ts", "!certs.pem"]) };
        Assert.Contains("*.private.ts", exclusions.Reason(File("a/b.private.ts"), settings));
        Assert.Null(exclusions.Reason(File("certs.pem"), settings));
        settings = new ServerSettings();
        Assert.Null(exclusions.Reason(File("a/b.private.ts"), settings));
        Assert.Contains("add \"!certs.pem\" to that setting", exclusions.Reason(File("certs.pem"), settings));
    }

    [Fact]
    public void The_own_ignore_file_excludes_and_git_s_only_keeps_inside()
    {
        folder.Write(".diffusionignore", "legacy/\n");
        folder.Write(".gitignore", "generated/\n");
        Assert.Contains("legacy/", exclusions.Reason(File("legacy/a.ts"), settings));
        Assert.False(exclusions.MayLeave(File("legacy/a.ts"), settings));
        Assert.Null(exclusions.Reason(File("generated/a.ts"), settings));
        Assert.False(exclusions.MayLeave(File("generated/a.ts"), settings));
        Assert.True(exclusions.MayLeave(File("src/a.ts"), settings));
    }

    [Fact]
    public void A_file_outside_the_workspace_gets_completions_but_stays_there_unless_it_is_a_secret()
    {
        WorkspaceFile outside = WorkspaceFile.From("file:///elsewhere/a.ts", [folder.Uri])!;
        Assert.Null(exclusions.Reason(outside, settings));
        Assert.False(exclusions.MayLeave(outside, settings));
        Assert.NotNull(exclusions.Reason(WorkspaceFile.From("file:///home/u/.ssh/config", [folder.Uri])!, settings));
    }

    [Theory]
    [InlineData("untitled:.env")]
    [InlineData("untitled:/w/.env")]
    [InlineData("vscode-remote://ssh-remote%2Bhost/w/.env")]
    [InlineData("vscode-vfs://github/owner/name/.env.local")]
    [InlineData("vscode-notebook-cell:/home/u/.ssh/keys.ipynb#W0sZ")]
    [InlineData("file:/w/id_rsa")]
    [InlineData("FILE:///w/%2e%65nv")]
    [InlineData("file:///w/.env?x#y")]
    [InlineData("file:///c%3A/w/.env")]
    [InlineData("C:\\w\\.env")]
    [InlineData("git:/w/.env?{}")]
    [InlineData("whatever:.env")]
    [InlineData(".env")]
    public void Secrets_are_excluded_under_any_scheme(string uri)
    {
        Assert.NotNull(exclusions.NameReason(WorkspaceFile.From(uri, [])!, settings));
        Assert.NotNull(exclusions.NameReason(WorkspaceFile.From(uri, ["file:///w", "file:///"])!, settings));
    }

    [Theory]
    [InlineData("file:")]
    [InlineData("untitled:")]
    [InlineData("vscode-notebook-cell:")]
    [InlineData("vscode-remote://host")]
    public async Task The_own_ignore_file_counts_for_any_scheme(string start)
    {
        folder.Write(".diffusionignore", "legacy/\n");
        WorkspaceFile inside = WorkspaceFile.From($"{start}{folder.Path}/legacy/a.ipynb#1", [folder.Uri])!, outside = WorkspaceFile.From($"{start}{folder.Path}/a.ipynb#1", [folder.Uri])!;
        Assert.Contains("legacy/", await exclusions.IgnoreReasonAsync(inside));
        Assert.Null(await exclusions.IgnoreReasonAsync(outside));
        Assert.Equal(start == "file:", exclusions.MayLeave(outside, settings)); // only files of this machine are context
    }

    [Fact]
    public void An_ignore_file_that_cannot_be_used_excludes_everything_beside_it()
    {
        folder.Write("big/.diffusionignore", new string('#', 2 << 20));
        Assert.NotNull(exclusions.Reason(File("big/a.ts"), settings));
        Assert.Null(exclusions.Reason(File("small/a.ts"), settings));
    }
}
