using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>
/// No regular expression of the server backtracks, because each is applied to text from outside. The tokenizers' patterns are
/// published ones in the engine; they are not checked here.
/// </summary>
public sealed class RegularExpressionTests
{
    private const string Cure = "which a hostile text can keep busy for minutes; give it RegexOptions.NonBacktracking or match by hand.";

    [Fact]
    public void No_regular_expression_of_the_server_backtracks() =>
        Report.None(SourceTree.ServerSources.Where(f => f.Name.StartsWith("server/DiffusionLsp.Server/")).SelectMany(Backtracking));

    [Theory]
    [InlineData("class C { [GeneratedRegex(\"a\")] partial Regex M(); }", 1)] // the generator knows no other kind
    [InlineData("class C { [System.Text.RegularExpressions.GeneratedRegexAttribute(\"a\", RegexOptions.NonBacktracking)] partial Regex M(); }", 1)]
    [InlineData("class C { bool M(string s) => Regex.IsMatch(s, \"a\"); }", 1)]
    [InlineData("class C { bool M(string s) => System.Text.RegularExpressions.Regex.Replace(s, \"a\", \"\").Any(); }", 1)]
    [InlineData("class C { bool M(string s) => Regex.IsMatch(s, \"a\", RegexOptions.NonBacktracking); }", 0)]
    [InlineData("class C { Regex r = new Regex(\"a\"); }", 1)]
    [InlineData("class C { Regex r = new(\"a\", RegexOptions.Compiled); Regex R => new(\"a\"); }", 2)]
    [InlineData("class C { Regex r = new(\"a\", RegexOptions.NonBacktracking); string E(string s) => Regex.Escape(s); }", 0)]
    [InlineData("class C { const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.Compiled; Regex r = new(\"a\", Options); }", 0)]
    [InlineData("class C { const RegexOptions Options = RegexOptions.Compiled; Regex r = new(\"a\", Options); }", 1)]
    public void The_rule_sees(string text, int problems) => Assert.Equal(problems, Backtracking(new SourceFile("f.cs", text)).Count());

    private static IEnumerable<string> Backtracking(SourceFile file)
    {
        // A constant or field of the file that names the option stands for it.
        string[] safe = ["NonBacktracking", .. from variable in file.Syntax.DescendantNodes().OfType<VariableDeclaratorSyntax>()
                                              where variable.Initializer?.Value.ToString().Contains("RegexOptions.NonBacktracking") ?? false
                                              where variable.Parent is VariableDeclarationSyntax { Type: var type } && type.ToString() is "RegexOptions" or "var"
                                              select variable.Identifier.Text];
        bool IsSafe(ArgumentListSyntax? arguments) => arguments?.Arguments.Any(a => a.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().Any(n => safe.Contains(n.Identifier.Text))) ?? false;

        foreach (AttributeSyntax attribute in file.Syntax.DescendantNodes().OfType<AttributeSyntax>())
            if (attribute.Name.ToString().Split('.')[^1] is "GeneratedRegex" or "GeneratedRegexAttribute") yield return $"{file.Name}: [GeneratedRegex] makes an expression that backtracks, {Cure}";
        foreach (InvocationExpressionSyntax call in file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>())
            if (call.Expression is MemberAccessExpressionSyntax { Expression: var on, Name.Identifier.Text: "IsMatch" or "Match" or "Matches" or "Replace" or "Split" or "Count" or "EnumerateMatches" or "EnumerateSplits" } access
                && on.ToString().Split('.')[^1] == "Regex" && !IsSafe(call.ArgumentList))
                yield return $"{file.Name}: {access} backtracks, {Cure}";
        foreach (BaseObjectCreationExpressionSyntax made in file.Syntax.DescendantNodes().OfType<BaseObjectCreationExpressionSyntax>())
            if (TypeOf(made).Split('.')[^1] == "Regex" && !IsSafe(made.ArgumentList)) yield return $"{file.Name}: {made} backtracks, {Cure}";
    }

    /// <summary>The name of the created type; for <c>new(…)</c>, the type of the field or property that receives it.</summary>
    private static string TypeOf(BaseObjectCreationExpressionSyntax made) => made switch
    {
        ObjectCreationExpressionSyntax named => named.Type.ToString(),
        _ => made.Ancestors().Select(parent => parent switch
        {
            VariableDeclarationSyntax variable => variable.Type.ToString(),
            PropertyDeclarationSyntax property => property.Type.ToString(),
            MethodDeclarationSyntax method => method.ReturnType.ToString(),
            _ => null,
        }).FirstOrDefault(type => type is not null) ?? "",
    };
}
