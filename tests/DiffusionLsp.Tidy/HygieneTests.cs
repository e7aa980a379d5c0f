using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>Small rules for the whole tree: who may print, what must not be committed, where versions are.</summary>
public sealed partial class HygieneTests
{
    /// <summary>Folders whose purpose is printing. Elsewhere stdout is the protocol, and messages go to the log.</summary>
    private static readonly string[] MayPrint = ["server/DiffusionLsp.Server/CommandLine/", "server/DiffusionLsp.Training/"];

    private static readonly string[] Printing = ["Console.Write", "Console.WriteLine", "Console.Out", "Console.Error.Write", "Console.Error.WriteLine", "AnsiConsole.Write", "AnsiConsole.WriteLine", "AnsiConsole.Markup", "AnsiConsole.MarkupLine"];

    [Fact]
    public void Only_the_command_line_prints() => Report.None(SourceTree.ServerSources.SelectMany(Prints));

    [Fact]
    public void No_path_or_package_feed_of_one_machine_is_committed() => Report.None(
        SourceTree.Files.Where(IsText).SelectMany(f => Leaks(f, SourceTree.Read(f))));

    [Fact]
    public void Package_versions_are_central() => Report.None(
        from project in SourceTree.Files.Where(f => f.EndsWith(".csproj") || f.EndsWith(".targets") || f == "Directory.Build.props")
        from reference in XDocument.Load(SourceTree.FullPath(project)).Descendants("PackageReference")
        where reference.Attributes().Any(a => a.Name.LocalName is "Version" or "VersionOverride") || reference.Elements().Any(e => e.Name.LocalName is "Version" or "VersionOverride")
        select $"{project}: {reference.Attribute("Include")?.Value} names a version; it belongs in Directory.Packages.props.");

    [Fact]
    public void Package_versions_are_used()
    {
        string projects = string.Concat(SourceTree.Files.Where(f => f.EndsWith(".csproj") || f.EndsWith("packages.lock.json")).Select(SourceTree.Read)).Replace("$(TorchPlatform)", "linux-x64");
        Report.None(
            from version in XDocument.Load(SourceTree.FullPath("Directory.Packages.props")).Descendants("PackageVersion")
            let name = version.Attribute("Include")!.Value
            where !name.StartsWith("libtorch-cpu-") && !projects.Contains($"\"{name}\"")
            select $"Directory.Packages.props: no project uses {name}; delete the row.");
    }

    [Theory]
    [InlineData("server/DiffusionLsp.Engine/E.cs", "class C { void M() => Console.WriteLine(1); }", 1)]
    [InlineData("server/DiffusionLsp.Engine/E.cs", "class C { void M() => System.Console.Out.Flush(); }", 1)]
    [InlineData("server/DiffusionLsp.Server/Handlers/H.cs", "class C { void M() => AnsiConsole.MarkupLine(\"\"); }", 1)]
    [InlineData("server/DiffusionLsp.Server/Protocol/P.cs", "class C { Stream S => Console.OpenStandardOutput(); void M() => Console.SetOut(Console.Error); }", 0)]
    [InlineData("server/DiffusionLsp.Server/Protocol/P.cs", "class C { void M() => Console.Error.WriteLine(1); }", 1)]
    [InlineData("server/DiffusionLsp.Engine/E.cs", "/// <summary>No Console.WriteLine here.</summary>\nclass C;", 0)]
    [InlineData("server/DiffusionLsp.Server/CommandLine/V.cs", "class C { void M() => Console.WriteLine(1); }", 0)]
    public void The_print_rule_sees(string file, string text, int problems) => Assert.Equal(problems, Prints(new SourceFile(file, text)).Count());

    [Fact]
    public void No_test_passes_on_a_system_that_cannot_run_it() => Report.None(
        SourceTree.Files.Where(f => f.StartsWith("tests/") && f.EndsWith("Tests.cs")).SelectMany(f => Passes(f, SourceTree.Read(f))));

    [Theory]
    [InlineData("        if (!OperatingSystem.IsLinux()) " + "return;", 1)]
    [InlineData("        if (OperatingSystem.IsWindows()) " + "return; // why", 1)]
    [InlineData("        if (!OperatingSystem.IsWindows()) Assert.True(works);", 0)]
    [InlineData("    [LinuxFact]", 0)]
    public void The_skip_rule_sees(string text, int problems) => Assert.Equal(problems, Passes("f", text).Count());

    [Theory]
    [InlineData("cd /wor" + "k/here", 1)]
    [InlineData("\"/roo" + "t/.nuget\"", 1)]
    [InlineData("file:///tm" + "p/x", 1)]
    [InlineData("/var/tm" + "p/x", 1)]
    [InlineData("https:/" + "/registry.example.org/x", 1)]
    [InlineData("http:/" + "/10.1.2.3:8080/x", 1)]
    [InlineData("https:/" + "/api.nuget.org/v3/index.json", 1)]
    [InlineData("src/work/a, ~/root/b, $TMP/x", 0)]
    [InlineData("https://github.com/dotnet/TorchSharp and http://127.0.0.1:3000/", 0)]
    public void The_leak_rule_sees(string text, int problems) => Assert.Equal(problems, Leaks("f", text).Count());

    private static IEnumerable<string> Prints(SourceFile file) =>
        from access in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        let name = access.ToString() is var text && text.StartsWith("System.") ? text["System.".Length..] : access.ToString()
        where Printing.Contains(name) && !MayPrint.Any(file.Name.StartsWith)
        select $"{file.Name}:{access.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {name}; stdout is the protocol, write to the log.";

    /// <summary>Where NuGet's public feed is named, because the server falls back on it.</summary>
    private static readonly (string File, string Address) PublicFeed = ("server/DiffusionLsp.Server/Downloads/NugetSources.cs", "https:/" + "/api.nuget.org/v3/index.json");

    private static IEnumerable<string> Passes(string file, string text) =>
        from match in EarlyReturn().Matches(text)
        select $"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}: the test passes where it cannot run; use LinuxFact or UnixFact (SystemFacts.cs), which report it as skipped.";

    private static IEnumerable<string> Leaks(string file, string text) =>
        from match in MachinePath().Matches(text).Concat(PackageFeed().Matches(text))
        where (file, match.Value) != PublicFeed
        select $"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}: '{match.Value}' exists on one machine only.";

    private static bool IsText(string file) => Path.GetExtension(file) is not (".png" or ".gif" or ".safetensors" or ".bin" or ".ico" or ".vsix" or ".gz");

    // An absolute path: not preceded by a name, a dot, a variable or a home.
    [GeneratedRegex(@"if \(!?OperatingSystem\.Is\w+\(\)\) retur[n];")]
    private static partial Regex EarlyReturn();

    [GeneratedRegex(@"(?<![\w.~})\]-])(/var)?/(wor[k]|roo[t]|tm[p])/\S*")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"https?://(registr[y]\.|npm\.|nuget\.|pypi\.|api\.nuge[t]|[^/\s""]*(npmj[s]|pythonhoste[d]|artifactor[y]|nexu[s])|(?!127\.)\d+\.\d+\.\d+\.\d+)[^\s""]*", RegexOptions.IgnoreCase)]
    private static partial Regex PackageFeed();
}
