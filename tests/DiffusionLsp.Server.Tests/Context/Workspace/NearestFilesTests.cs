using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Context.Workspace;

namespace DiffusionLsp.Server.Tests.Context.Workspace;

/// <summary>In which order the files around a file are found, and which never are.</summary>
public sealed class NearestFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_nearest_come_first_up_to_the_root()
    {
        foreach (string name in new[] { "top.cs", "src/near/a.cs", "src/near/below/deep.cs", "src/near/b.cs", "src/other/c.cs", "src/up.cs", "src/near/a.ts", "test/t.cs" }) folder.Write(name, "");
        Assert.Equal(["src/near/a.cs", "src/near/b.cs", "src/near/below/deep.cs", "src/up.cs", "src/other/c.cs", "top.cs", "test/t.cs"], Around("src/near/a.cs"));
    }

    [Fact]
    public void Folders_of_packages_and_build_outputs_and_those_that_are_ignored_are_skipped()
    {
        foreach (string name in new[] { "a.cs", "node_modules/m.cs", "obj/o.cs", "Bin/b.cs", ".git/g.cs", "secret/s.cs", "kept/k.cs" }) folder.Write(name, "");
        Assert.Equal(["a.cs", "kept/k.cs"], Around("a.cs", inside => !inside.Path.StartsWith("secret/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whoever_takes_one_lists_no_other_folder()
    {
        foreach (string name in new[] { "a/a.cs", "b/b.cs" }) folder.Write(name, "");
        var asked = new List<string>();
        Assert.NotNull(NearestFiles.Of(File("a/a.cs"), [".cs"], inside =>
        {
            asked.Add(inside.Path);
            return true;
        }).First());
        Assert.Equal(["a/a.cs"], asked);
    }

    private IEnumerable<string> Around(string name, Func<WorkspaceFile, bool>? mayEnter = null) =>
        NearestFiles.Of(File(name), [".cs"], mayEnter ?? (_ => true)).Select(file => file.Path);

    private WorkspaceFile File(string name) => WorkspaceFile.From($"{folder.Uri}/{name}", [folder.Uri])!;
}
