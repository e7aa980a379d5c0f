using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DiffusionLsp.Tidy;

/// <summary>A file opens by saying what it does, is short, and is in the folder of its namespace.</summary>
public sealed class FileShapeTests
{
    private const int MostFileLines = 300;
    private const int MostMethodLines = 60;

    [Fact]
    public void Files_open_with_a_summary() => Report.None(SourceTree.ServerSources.SelectMany(WithoutSummary));

    [Fact]
    public void Files_are_short() => Report.None(SourceTree.ServerSources.SelectMany(TooLong));

    [Fact]
    public void Methods_are_short() => Report.None(SourceTree.ServerSources.SelectMany(LongMethods));

    [Fact]
    public void Namespaces_are_folders() => Report.None(SourceTree.ServerSources.SelectMany(Misplaced));

    [Theory]
    [InlineData("namespace A; class C;", 1)]
    [InlineData("namespace A; // words\nclass C;", 1)]
    [InlineData("namespace A; /// <remarks>Words.</remarks>\nclass C;", 1)]
    [InlineData("namespace A; /// <summary> </summary>\nclass C;", 1)]
    [InlineData("namespace A; class C; /// <summary>Words.</summary>\nclass D;", 1)]
    [InlineData("namespace A; /// <summary>Words.</summary>\n[X] class C;", 0)]
    [InlineData("/// <summary>Words.</summary>\nenum E { }", 0)]
    [InlineData("using X;\nint a = 1;\nint b = 2;\nint c = 3;\nreturn a + b + c;", 1)]
    [InlineData("using X;\n// Words.\nint a = 1;\nint b = 2;\nint c = 3;\nreturn a + b + c;", 0)]
    [InlineData("return 0;", 0)]
    public void The_summary_rule_sees(string text, int problems) => Assert.Equal(problems, WithoutSummary(new SourceFile("f.cs", text)).Count());

    [Theory]
    [InlineData(61, 1)]
    [InlineData(60, 0)]
    public void The_method_rule_sees(int lines, int problems)
    {
        string body = string.Concat(Enumerable.Repeat("    F();\n", lines - 3));
        var file = new SourceFile("f.cs", "/// <summary>Words.</summary>\nclass C {\n  void F()\n  {\n" + body + "  }\n}\n");
        Assert.Equal(problems, LongMethods(file).Count());
    }

    [Theory]
    [InlineData("server/A.B/C/D.cs", "A.B.C", 0)]
    [InlineData("server/A.B/D.cs", "A.B", 0)]
    [InlineData("server/A.B/C/D.cs", "A.B", 1)]
    public void The_namespace_rule_sees(string file, string space, int problems) =>
        Assert.Equal(problems, Misplaced(new SourceFile(file, $"namespace {space}; class D;")).Count());

    private static IEnumerable<string> WithoutSummary(SourceFile file)
    {
        MemberDeclarationSyntax? first = file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .FirstOrDefault(m => m is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);
        if (first is not null)
        {
            if (!HasSummary(first)) yield return $"{file.Name}: the first type has no /// <summary> that says what the file does.";
        }
        // A program of top-level statements: an ordinary comment, because /// is allowed on types only.
        else if (file.Text.Split('\n').Length >= 5 && !file.Syntax.DescendantTrivia().Any(t => t.IsKind(SyntaxKind.SingleLineCommentTrivia)))
            yield return $"{file.Name}: no comment says what the file does.";
    }

    private static bool HasSummary(MemberDeclarationSyntax type) => type.GetLeadingTrivia()
        .Select(t => t.GetStructure()).OfType<DocumentationCommentTriviaSyntax>()
        .SelectMany(d => d.Content.OfType<XmlElementSyntax>())
        .Any(e => e.StartTag.Name.ToString() == "summary" && e.Content.ToString().Trim(' ', '/', '\n', '\r').Length > 0);

    private static IEnumerable<string> TooLong(SourceFile file)
    {
        int lines = file.Text.TrimEnd().Count(c => c == '\n') + 1;
        if (lines > MostFileLines) yield return $"{file.Name}: {lines} lines, at most {MostFileLines} are allowed; split it.";
    }

    private static IEnumerable<string> LongMethods(SourceFile file) =>
        from method in file.Syntax.DescendantNodes()
        where method is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
        let span = method.GetLocation().GetLineSpan()
        let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
        where lines > MostMethodLines
        select $"{file.Name}:{span.StartLinePosition.Line + 1}: a method of {lines} lines, at most {MostMethodLines} are allowed; split it.";

    private static IEnumerable<string> Misplaced(SourceFile file)
    {
        var space = file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault();
        string expected = string.Join('.', file.Name.Split('/')[1..^1]);
        if (space is not null && space.Name.ToString() != expected) yield return $"{file.Name}: its namespace is {space.Name}, its folder says {expected}.";
    }
}

/// <summary>Fails with every problem at once.</summary>
internal static class Report
{
    public static void None(IEnumerable<string> problems)
    {
        string[] all = [.. problems];
        Assert.True(all.Length == 0, new StringBuilder().AppendLine().AppendJoin('\n', all).ToString());
    }
}
