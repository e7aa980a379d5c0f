using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>The server never sees a tensor: it cannot compile one, and the engine's public types expose none.</summary>
public sealed class TensorBoundaryTests
{
    private static readonly string[] NotInPublic = ["Tensor", "torch", "TorchSharp", "ScalarType", "Uri"];

    /// <summary>
    /// A proof by compiler, without a build: a program that uses TorchSharp is compiled against exactly those package
    /// assemblies that NuGet's restore passes to the compiler for a project.
    /// </summary>
    [Theory]
    [InlineData("DiffusionLsp.Server", false)]
    [InlineData("DiffusionLsp.Engine", true)]
    [InlineData("DiffusionLsp.Training", true)]
    public void TorchSharp_compiles_only_where_it_may(string project, bool compiles)
    {
        var tree = CSharpSyntaxTree.ParseText("using TorchSharp; public static class Probe { public static torch.Tensor? Tensor; }");
        var compilation = CSharpCompilation.Create("Probe", [tree], CompilerInputs.Of(project),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        string[] errors = [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())];

        if (compiles) Report.None(errors);
        else Assert.Contains(errors, e => e.Contains("CS0246") && e.Contains("'TorchSharp'"));
    }

    [Fact]
    public void The_engine_shows_no_tensor_and_no_address() => Report.None(SourceTree.ServerSources
        .Where(f => f.Name.StartsWith("server/DiffusionLsp.Engine/")).SelectMany(PublicTensors));

    [Theory]
    [InlineData("public class C { public Tensor T; }", 1)]
    [InlineData("public class C { public List<torch.Tensor> T { get; } }", 1)]
    [InlineData("public class C { protected void M(TorchSharp.torch.Device d) { } }", 1)]
    [InlineData("public record R(Tensor T);", 1)]
    [InlineData("public interface I { Tensor T { get; } }", 1)]
    [InlineData("public class C : Holder<Tensor> { }", 1)]
    [InlineData("public delegate void D(Uri u);", 1)]
    [InlineData("public class C { internal Tensor T; private Tensor U; public void M() { Tensor t; } }", 0)]
    [InlineData("internal class C { public Tensor T; }", 0)]
    [InlineData("class C { public class D { public Tensor T; } }", 0)]
    public void The_public_rule_sees(string text, int problems) => Assert.Equal(problems, PublicTensors(new SourceFile("f.cs", text)).Count());

    private static IEnumerable<string> PublicTensors(SourceFile file) =>
        from member in file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>()
        where member is not BaseNamespaceDeclarationSyntax && IsVisible(member)
        let word = Signature(member).SelectMany(s => s.DescendantTokens()).Select(t => t.Text).FirstOrDefault(NotInPublic.Contains)
        where word is not null
        select $"{file.Name}:{member.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {word} in the engine's public face; make it internal.";

    private static bool IsVisible(MemberDeclarationSyntax member) => member.AncestorsAndSelf().OfType<MemberDeclarationSyntax>()
        .Where(m => m is not BaseNamespaceDeclarationSyntax)
        .All(m => m.Parent is InterfaceDeclarationSyntax or EnumDeclarationSyntax
            || m.Modifiers.Any(SyntaxKind.PublicKeyword) || m.Modifiers.Any(SyntaxKind.ProtectedKeyword));

    /// <summary>The parts of a declaration that a caller can see.</summary>
    private static IEnumerable<SyntaxNode> Signature(MemberDeclarationSyntax member) => new SyntaxNode?[]
    {
        member switch
        {
            TypeDeclarationSyntax type => type.BaseList,
            MethodDeclarationSyntax method => method.ReturnType,
            BasePropertyDeclarationSyntax property => property.Type,
            BaseFieldDeclarationSyntax field => field.Declaration.Type,
            DelegateDeclarationSyntax callback => callback.ReturnType,
            OperatorDeclarationSyntax sign => sign.ReturnType,
            ConversionOperatorDeclarationSyntax conversion => conversion.Type,
            _ => null,
        },
        member switch
        {
            TypeDeclarationSyntax type => type.ParameterList,
            BaseMethodDeclarationSyntax method => method.ParameterList,
            IndexerDeclarationSyntax indexer => indexer.ParameterList,
            DelegateDeclarationSyntax callback => callback.ParameterList,
            _ => null,
        },
    }.OfType<SyntaxNode>();
}
