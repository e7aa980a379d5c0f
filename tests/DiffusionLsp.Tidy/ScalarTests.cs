using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>
/// No number is implicitly converted to a TorchSharp Scalar in the engine or the trainer: nothing holds such a Scalar, so the garbage collector
/// may free it while libtorch reads it. Checked with the compiler, which knows the types.
/// </summary>
[Trait("tier", "slow")]
public sealed class ScalarTests
{
    private static readonly string[] Folders = ["server/DiffusionLsp.Engine/", "server/DiffusionLsp.Training/"];

    // What the SDK adds to every file.
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly IReadOnlyList<MetadataReference> References = [.. CompilerInputs.Of("DiffusionLsp.Engine"), .. CompilerInputs.Of("DiffusionLsp.Training")];

    [Fact]
    public void Engine_and_trainer_hold_every_scalar() => Report.None(Unheld([.. SourceTree.ServerSources.Where(f => Folders.Any(f.Name.StartsWith))]));

    [Theory]
    [InlineData("x * 2", 1)]
    [InlineData("1.5 / x", 1)]
    [InlineData("x < 3", 1)]
    [InlineData("(x / 1L).sum()", 1)]
    [InlineData("x + x", 1)]
    [InlineData("x.square()", 1)]
    [InlineData("torch.arange(4)", 1)]
    [InlineData("torch.arange(0, 4)", 2)]
    [InlineData("x.clamp(0, 1)", 2)]
    [InlineData("x.add(x)", 1)]
    [InlineData("torch.full_like(x, 2)", 1)]
    [InlineData("-x * x", 0)]
    [InlineData("x.softmax(-1).narrow(0, 1, 2)", 0)]
    [InlineData("torch.zeros(3, 4)", 0)]
    [InlineData("x[0]", 0)]
    public void The_rule_sees(string expression, int problems) => Assert.Equal(problems,
        Unheld([new SourceFile("f.cs", $"using TorchSharp; class C {{ torch.Tensor M(torch.Tensor x) => {expression}; }}")]).Count());

    private static IEnumerable<string> Unheld(IReadOnlyList<SourceFile> files)
    {
        SyntaxTree[] trees = [.. files.Select(f => f.Syntax.SyntaxTree)];
        var compilation = CSharpCompilation.Create("Probe", [.. trees, CSharpSyntaxTree.ParseText(Usings, (CSharpParseOptions)trees[0].Options)], References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        // Source generators do not run here, so their halves of partial methods are missing, and a probe has no entry point.
        // Anything else would blind the rule.
        Report.None(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error && d.Id is not ("CS8795" or "CS5001")).Select(d => d.ToString()));
        INamedTypeSymbol scalar = compilation.GetTypeByMetadataName("TorchSharp.Scalar")!, tensor = compilation.GetTypeByMetadataName("TorchSharp.torch+Tensor")!;
        return from file in files
               let model = compilation.GetSemanticModel(file.Syntax.SyntaxTree)
               from expression in file.Syntax.DescendantNodes().OfType<ExpressionSyntax>()
               where BecomesScalar(model, expression, scalar) || IsInside(model, expression, tensor, scalar)
               select $"{file.Name}:{expression.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: '{expression}' makes a Scalar that nothing holds; use Tensors/HeldScalars.cs.";
    }

    private static bool BecomesScalar(SemanticModel model, ExpressionSyntax expression, INamedTypeSymbol scalar)
    {
        TypeInfo type = model.GetTypeInfo(expression);
        return type.Type is not null && SymbolEqualityComparer.Default.Equals(type.ConvertedType, scalar) && !SymbolEqualityComparer.Default.Equals(type.Type, scalar);
    }

    /// <summary>What makes a Scalar inside TorchSharp: operators with a plain number, sums and differences (a factor of 1), squares (a power of 2).</summary>
    private static bool IsInside(SemanticModel model, ExpressionSyntax expression, INamedTypeSymbol tensor, INamedTypeSymbol scalar)
    {
        if (expression is not (BinaryExpressionSyntax or AssignmentExpressionSyntax or InvocationExpressionSyntax)) return false;
        if (model.GetSymbolInfo(expression).Symbol is not IMethodSymbol method || !SymbolEqualityComparer.Default.Equals(method.ContainingType, tensor)) return false;
        if (method.MethodKind is not MethodKind.UserDefinedOperator)
            return method.Name is "square" or "square_" || (method.Name is "add" or "add_" or "sub" or "sub_" && method.Parameters.Length == 1);
        return method.Name is "op_Addition" or "op_Subtraction"
            || method.Parameters.Any(p => !SymbolEqualityComparer.Default.Equals(p.Type, tensor) && !SymbolEqualityComparer.Default.Equals(p.Type, scalar));
    }
}
