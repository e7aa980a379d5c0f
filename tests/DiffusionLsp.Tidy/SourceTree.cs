using System.Diagnostics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>The files of this repository, found from the test's location. Knows no rule.</summary>
internal static class SourceTree
{
    private static readonly string[] Generated = ["bin", "obj", "node_modules", "dist", "out", "artifacts", "TestResults", ".git"];

    /// <summary>The folder that contains the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file that is tracked or would be, relative, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. (FromGit() ?? FromDisk()).Where(f => File.Exists(FullPath(f))).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file below server/.</summary>
    public static IReadOnlyList<SourceFile> ServerSources { get; } =
        [.. Files.Where(f => f.StartsWith("server/") && f.EndsWith(".cs")).Select(f => new SourceFile(f, Read(f)))];

    /// <summary>The text of a file.</summary>
    public static string Read(string file) => File.ReadAllText(FullPath(file));

    /// <summary>The path of a file on this machine.</summary>
    public static string FullPath(string file) => Path.Combine(Root, file);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DiffusionLsp.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No DiffusionLsp.sln above {AppContext.BaseDirectory}.");
    }

    private static string[]? FromGit()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 && output.Length > 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception) { return null; } // no git, as in a source archive
    }

    private static IEnumerable<string> FromDisk() => Directory
        .EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
        .Where(f => !f.Split('/').Intersect(Generated).Any());
}

/// <summary>One parsed C# file.</summary>
/// <param name="Name">Relative, with forward slashes.</param>
internal sealed record SourceFile(string Name, string Text)
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest, Microsoft.CodeAnalysis.DocumentationMode.Parse);

    /// <summary>The syntax tree's root.</summary>
    public CompilationUnitSyntax Syntax { get; } = CSharpSyntaxTree.ParseText(Text, Options).GetCompilationUnitRoot();
}
