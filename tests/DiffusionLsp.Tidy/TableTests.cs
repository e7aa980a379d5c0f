using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>A plug-in is one file and one row: every implementation is listed in the hand-written table that is its index.</summary>
public sealed class TableTests
{
    /// <summary>Which base type, by its name without type arguments, must be named in which file.</summary>
    private static readonly (string BaseType, string Table)[] Rows =
    [
        ("ICommitPolicy", "server/DiffusionLsp.Engine/Decoding/Policies/CommitPolicies.cs"),
        ("IPostprocessRule", "server/DiffusionLsp.Server/Completion/Postprocess/PostprocessChain.cs"),
        ("IRequestHandler", "server/DiffusionLsp.Server/ServerHost.cs"),
        ("INotificationHandler", "server/DiffusionLsp.Server/ServerHost.cs"),
        ("IClientCommand", "server/DiffusionLsp.Server/ServerHost.cs"),
        ("IContextSource", "server/DiffusionLsp.Server/Context/ContextSources.cs"),
        ("ILengthPolicy", "server/DiffusionLsp.Engine/Decoding/Lengths/LengthPolicies.cs"),
        ("ModelFamily", "server/DiffusionLsp.Engine/Models/Families/ModelFamilies.cs"),
        ("PromptStyle", "server/DiffusionLsp.Engine/Prompts/PromptStyle.cs"),
        ("IDecoder", "server/DiffusionLsp.Engine/Decoding/Decoders.cs"),
        ("IAutoregressiveScorer", "server/DiffusionLsp.Engine/Decoding/Adaptive/Verifiers.cs"),
    ];

    [Fact]
    public void Every_implementation_is_in_its_table() => Report.None(Unlisted(SourceTree.ServerSources));

    [Fact]
    public void Every_policy_file_holds_a_policy() => Report.None(
        from file in SourceTree.ServerSources
        where file.Name.StartsWith("server/DiffusionLsp.Engine/Decoding/Policies/") && file.Name.EndsWith("Policy.cs") && !file.Name.EndsWith("/ICommitPolicy.cs")
        where !Implementations(file, "ICommitPolicy").Any()
        select $"{file.Name}: holds no ICommitPolicy.");

    [Theory]
    [InlineData("class FooPolicy : ICommitPolicy { }", 1)]
    [InlineData("class GreedyPolicy : Base, ICommitPolicy { }", 1)]
    [InlineData("class VanillaPolicy : ICommitPolicy { }", 0)]
    [InlineData("class Vanilla : ICommitPolicy { }", 1)]
    [InlineData("class H(int x) : DiffusionLsp.IRequestHandler<P> { }", 1)]
    [InlineData("interface IBetterPolicy : ICommitPolicy { } abstract class Half : ICommitPolicy { }", 0)]
    public void The_table_rule_sees(string text, int problems)
    {
        var table = new SourceFile(Rows[0].Table, "class CommitPolicies { object o = new VanillaPolicy(); }");
        Assert.Equal(problems, Unlisted([table, new SourceFile(Rows[2].Table, ""), new SourceFile("f.cs", text)]).Count());
    }

    private static IEnumerable<string> Unlisted(IReadOnlyList<SourceFile> files) =>
        from row in Rows
        let table = files.FirstOrDefault(f => f.Name == row.Table)?.Text ?? ""
        from file in files
        from type in Implementations(file, row.BaseType)
        where !Regex.IsMatch(table, $@"\b{type}\b")
        select $"{file.Name}: {type} has no row in {row.Table}.";

    private static IEnumerable<string> Implementations(SourceFile file, string baseType) =>
        from type in file.Syntax.DescendantNodes().OfType<TypeDeclarationSyntax>()
        where type is ClassDeclarationSyntax or RecordDeclarationSyntax && !type.Modifiers.Any(m => m.Text == "abstract")
        where type.BaseList?.Types.Any(t => Regex.IsMatch(t.Type.ToString(), $@"(^|\.){baseType}(<|$)")) ?? false
        select type.Identifier.Text;
}
