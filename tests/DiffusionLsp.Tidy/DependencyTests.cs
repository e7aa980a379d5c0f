using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>Dependencies point one way: between projects (Server → Engine ← Training) and between the folders in the table.</summary>
public sealed class DependencyTests
{
    /// <summary>What a folder must not import. A folder includes everything below it.</summary>
    private static readonly (string Folder, string Forbidden)[] Rows =
    [
        ("server/DiffusionLsp.Engine/", "DiffusionLsp.Server"),
        ("server/DiffusionLsp.Engine/", "DiffusionLsp.Training"),
        ("server/DiffusionLsp.Engine/", "StreamJsonRpc"),
        ("server/DiffusionLsp.Engine/Decoding/Policies/", "TorchSharp"),
        ("server/DiffusionLsp.Engine/Decoding/Filters/", "TorchSharp"),
        ("server/DiffusionLsp.Engine/Decoding/Lengths/", "TorchSharp"),
        ("server/DiffusionLsp.Engine/Tokenization/", "TorchSharp"),
        ("server/DiffusionLsp.Engine/Models/Weights/", "DiffusionLsp.Engine.Decoding"),
        ("server/DiffusionLsp.Server/", "DiffusionLsp.Training"),
        ("server/DiffusionLsp.Server/", "TorchSharp"),
        ("server/DiffusionLsp.Server/Completion/", "DiffusionLsp.Server.Protocol"),
        ("server/DiffusionLsp.Server/Completion/", "DiffusionLsp.Server.Context"),
        ("server/DiffusionLsp.Server/Context/", "DiffusionLsp.Server.Protocol"),
        ("server/DiffusionLsp.Server/Documents/", "DiffusionLsp.Server.Protocol"),
        ("server/DiffusionLsp.Server/Protocol/", "DiffusionLsp.Server.Completion"),
        ("server/DiffusionLsp.Server/Telemetry/", "DiffusionLsp.Server.Completion"),
        ("server/DiffusionLsp.Training/", "DiffusionLsp.Server"),
    ];

    /// <summary>Which projects and native packages each production project may reference.</summary>
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["server/DiffusionLsp.Engine/DiffusionLsp.Engine.csproj"] = [],
        ["server/DiffusionLsp.Server/DiffusionLsp.Server.csproj"] = ["DiffusionLsp.Engine"],
        ["server/DiffusionLsp.Training/DiffusionLsp.Training.csproj"] = ["DiffusionLsp.Engine"],
    };

    [Fact]
    public void Folders_import_only_what_they_may() => Report.None(SourceTree.ServerSources.SelectMany(Imports));

    [Fact]
    public void Projects_reference_only_the_engine() => Report.None(
        from project in SourceTree.Files.Where(f => f.StartsWith("server/") && f.EndsWith(".csproj"))
        from reference in References(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')))
        where !Projects.TryGetValue(project, out string[]? allowed) || !allowed.Contains(reference)
        select $"{project}: references {reference}; the arrows are Server → Engine ← Training.");

    [Fact]
    public void Only_engine_and_trainer_reference_TorchSharp() => Assert.Equal(
        ["server/DiffusionLsp.Engine/DiffusionLsp.Engine.csproj", "server/DiffusionLsp.Training/DiffusionLsp.Training.csproj"],
        SourceTree.Files.Where(f => f.StartsWith("server/") && f.EndsWith(".csproj") && References(f, "PackageReference").Contains("TorchSharp")));

    [Fact]
    public void Only_serve_imports_the_web_server() => Report.None(
        from file in SourceTree.ServerSources
        where !file.Name.StartsWith("server/DiffusionLsp.Server/Serve/") && WebServer(file)
        select $"{file.Name}: imports Microsoft.AspNetCore; that belongs in Server/Serve.");

    [Theory]
    [InlineData("using Microsoft.AspNetCore.Http;", true)]
    [InlineData("class C { object o = Microsoft.AspNetCore.Http.HttpMethods.Get; }", true)]
    [InlineData("using System.Net.Http; // Microsoft.AspNetCore", false)]
    public void The_web_server_rule_sees(string text, bool problem) => Assert.Equal(problem, WebServer(new SourceFile("f.cs", text)));

    private static bool WebServer(SourceFile file) =>
        file.Syntax.DescendantNodes().Any(node => node is QualifiedNameSyntax or MemberAccessExpressionSyntax && node.ToString() == "Microsoft.AspNetCore");

    [Theory]
    [InlineData("server/DiffusionLsp.Engine/Decoding/Policies/P.cs", "using TorchSharp;", 1)]
    [InlineData("server/DiffusionLsp.Engine/Decoding/Policies/P.cs", "using static TorchSharp.torch;", 1)]
    [InlineData("server/DiffusionLsp.Engine/Decoding/Policies/P.cs", "class C { TorchSharp.torch.Tensor t; }", 1)]
    [InlineData("server/DiffusionLsp.Engine/Decoding/Policies/P.cs", "class C { object o = global::TorchSharp.torch.ones(1); }", 1)]
    [InlineData("server/DiffusionLsp.Engine/Decoding/DecodeLoop.cs", "using TorchSharp;", 0)]
    [InlineData("server/DiffusionLsp.Engine/Decoding/Policies/P.cs", "using TorchSharpening; // TorchSharp", 0)]
    [InlineData("server/DiffusionLsp.Server/Completion/S.cs", "namespace A { using X = DiffusionLsp.Server.Protocol.Position; }", 1)]
    [InlineData("server/DiffusionLsp.Engine/E.cs", "using DiffusionLsp.Server;", 1)]
    public void The_import_rule_sees(string file, string text, int problems) => Assert.Equal(problems, Imports(new SourceFile(file, text)).Count());

    private static IEnumerable<string> Imports(SourceFile file) =>
        from row in Rows
        where file.Name.StartsWith(row.Folder)
        let name = Names(file).FirstOrDefault(n => (n + ".").StartsWith(row.Forbidden + "."))
        where name is not null
        select $"{file.Name}: uses {name}; {row.Folder} must not import {row.Forbidden}.";

    private static IEnumerable<string> Names(SourceFile file) => file.Syntax.DescendantNodes()
        .Select(node => node switch
        {
            UsingDirectiveSyntax { NamespaceOrType: { } imported } => imported.ToString(),
            QualifiedNameSyntax or MemberAccessExpressionSyntax => node.ToString(),
            _ => null,
        })
        .OfType<string>()
        .Select(n => n.StartsWith("global::") ? n["global::".Length..] : n);

    private static string[] References(string project, string kind) =>
        [.. XDocument.Load(SourceTree.FullPath(project)).Descendants(kind).Select(r => (string?)r.Attribute("Include")).OfType<string>()];
}
