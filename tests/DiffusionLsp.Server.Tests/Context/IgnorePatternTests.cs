using System.Diagnostics;
using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Ignore files mean what they mean to git: every set of patterns on every path, compared with git itself.</summary>
public class IgnorePatternTests(GitRepository repository) : IClassFixture<GitRepository>
{
    private static readonly string[] Paths =
    [
        "a.log", "x/a.log", "build", "build/a", "x/build/a", "docs/a.txt", "docs/x/a.txt", "gen/a", "x/gen/y", "a/z", "a/b/z", "a/b/c/z", "keep.log",
        "foo bar", "#x", "a.c", "b.c", "c.c", "file1.ts", "file12.ts", "node_modules/x/y.js", "k/node_modules/x.js", "src/main/a.cs", "src/b/a.cs",
        "dir/sub/a", "x/dir/sub/a", "x/y", "q/x/y", "q/x/w/y", "trail", "trail ", "o.o", "l.a", "secrets/a", "asecret", "!bang", "foo/bar/x", "foo/x",
        "{a,b}.c", "é1.txt", "aXXb", "a/b", "p/q.txt", "q.txt", "p/r/q.txt", ".env", ".env.local", "s/.env", "bd.txt", "1x.c", "readme.md", "s/readme.md",
        "a-b", "a]b", "a\\b", "a.b+c", "(x)", "$x", "^x", "a.LOG", "x/1", "src/1/2",
    ];

    public static TheoryData<string> Files() =>
    [
        "*.log", "/build", "build/", "docs/*.txt", "**/gen", "gen/**", "a/**/z", "!keep.log", "foo\\ bar", "\\#x", "# a comment", "[ab].c", "[!ab].c", "[^ab].c",
        "file?.ts", "node_modules", "/src/*", "!/src/main", "dir/sub", "**/x/**/y", "a/*", "trail   ", "trail\\ ", "*.[oa]", "secret*", "\\!bang", "**", "*", "/*",
        "foo/**/", "x[/]y", "{a,b}.c", "é*.txt", "a**b", "/.env*", "*/q.txt", "**/.env", "[a-c]d.txt", "[[:digit:]]*.c", "/*.c", "/*.md", "/", "//", "!", "[z-a]",
        "[ab", "a[-x]b", "a[]]b", "a\\\\b", "a.b+c", "(x)", "$x", "^x", "x/?", "src/**", "**/", "**foo", "*/", "a/**", "\\", "[]", "***", "x/***/y",
        "*.log\n!keep.log", "/*\n!/src/\n!/*.md", "src/*\n!src/main", "gen/\n!gen/a", "*\n!*.c", "**/x\n!q/x", "*.c\n!/a.c", "/*\n!/foo\n/foo/*\n!/foo/bar",
        "node_modules/\r\n*.log\r", "x/**y", "[.-0]env", "[\\]]", "a[\\]]b", "[[:alpha:]-]b", "[a-]b", "[!/]*", "?[[:punct:]]?",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Git_agrees(string lines)
    {
        repository.Folder.Write(".gitignore", lines + "\n");
        string[] ignored = repository.Ignored(Paths);
        var folders = new IgnoreFolders(".gitignore", TimeProvider.System);
        Assert.Equal(Paths.Where(ignored.Contains), Paths.Where(path => folders.Ignores(repository.Folder.Path, path) is not null));
    }

    [Fact]
    public void Git_agrees_on_files_in_folders()
    {
        repository.Folder.Write(".gitignore", "*.log\n/x/y\n*.txt\n");
        string[] nested =
        [
            repository.Folder.Write("src/.gitignore", "!main/*.log\n/b\n*.cs\n"),
            repository.Folder.Write("src/main/.gitignore", "!*.cs\n"),
            repository.Folder.Write("docs/.gitignore", "!/a.txt\n"),
        ];
        string[] paths = [.. Paths, "src/main/a.log", "src/a.log", "src/a.cs", "src/b/c", "src/main/x/a.cs"];
        string[] ignored = repository.Ignored(paths);
        var folders = new IgnoreFolders(".gitignore", TimeProvider.System);
        Assert.Equal(paths.Where(ignored.Contains), paths.Where(path => folders.Ignores(repository.Folder.Path, path) is not null));
        Assert.Contains("src/b/a.cs", ignored);
        Assert.DoesNotContain("src/main/a.cs", ignored);
        foreach (string file in nested) File.Delete(new Uri(file).LocalPath);
    }

    [Fact]
    public void A_changed_file_counts_after_a_moment()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        int changes = 0;
        var folders = new IgnoreFolders(".x", time, () => changes++);
        Assert.Null(folders.Ignores(folder.Path, "a.cs"));
        folder.Write(".x", "*.cs\n");
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("*.cs", folders.Ignores(folder.Path, "a.cs")?.Text);
        Assert.Equal(1, changes);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(folders.Ignores(folder.Path, "a.cs"));
        Assert.Equal(1, changes); // it was looked at again and says the same
        File.Delete(Path.Combine(folder.Path, ".x"));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(folders.Ignores(folder.Path, "a.cs"));
        Assert.Equal(2, changes);
    }
}

/// <summary>An empty repository in which git is asked.</summary>
public sealed class GitRepository : IDisposable
{
    public GitRepository() => Git("", "init", "-q");

    internal TemporaryFolder Folder { get; } = new();

    /// <summary>Which of the paths git ignores.</summary>
    public string[] Ignored(string[] paths) =>
        Git(string.Join('\0', paths) + "\0", "check-ignore", "--no-index", "--stdin", "-z").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => Folder.Dispose();

    private string Git(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = Folder.Path, RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process git = Process.Start(start)!;
        git.StandardInput.Write(input);
        git.StandardInput.Close();
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return output;
    }
}
