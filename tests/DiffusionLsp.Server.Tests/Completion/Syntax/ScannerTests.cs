using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Tests.Completion.Syntax;

/// <summary>What is open after a text, by language.</summary>
public class ScannerTests
{
    [Theory]
    [InlineData("csharp", "f(\"(\", '{', /* [ */ $\"{a[", "Code", ") \" } ]")]
    [InlineData("csharp", "// f(", "Comment", "\n )")]
    [InlineData("csharp", "// f(\n", "Code", "")]
    [InlineData("csharp", "var a = @\"\n(\\", "String", "\" )")]
    [InlineData("csharp", "var a = \"\"\"\n\"(\"", "String", "\"\"\" )")]
    [InlineData("csharp", "var a = \"not closed\nf(", "Code", ")")]
    [InlineData("csharp", "/* {", "Comment", "*/ }")]
    [InlineData("typescript", "a = `x ${f(`y ${", "Code", "` } ) ` }")]
    [InlineData("typescript", "a = /[\"'`/(]/.test(", "Code", ")")]
    [InlineData("typescript", "a = b / c / d(\"", "String", ") \"")]
    [InlineData("typescript", "return /\\//", "Code", "")]
    [InlineData("typescriptreact", "<p>Don't</p>{", "Code", "}")]
    [InlineData("python", "def f():\n    \"\"\"It's", "String", "\"\"\"")]
    [InlineData("python", "a = 7 // 2 # (", "Comment", "\n )")]
    [InlineData("python", "f'{a(", "Code", "' } )")]
    [InlineData("rust", "fn f<'a>(x: &'a str, ", "Code", ")")]
    [InlineData("shellscript", "echo \"$# a#b", "String", "\"")]
    [InlineData("shellscript", "x=${#a} # it's", "Comment", "\n")]
    [InlineData("php", "#[A] # (", "Comment", "\n )")]
    [InlineData("go", "a := `(", "String", "` )")]
    [InlineData("html", "<!-- (", "Comment", "--> )")]
    [InlineData("html", "<p class=\"a\">Don't</p><b id='", "String", "> '")]
    [InlineData("json", "{\"a\": [", "Code", "} ]")]
    [InlineData(null, "// don't (", "Code", ")")]
    public void What_is_open(string? language, string text, string place, string open)
    {
        var scanner = Scanner.Start(Lexicon.Of(language));
        scanner.Read(text);
        Assert.Equal((place, open), (scanner.Place.ToString(), string.Join(' ', scanner.Unclosed)));
        // Piece by piece at line breaks, where it is read piece by piece.
        var pieces = Scanner.Start(Lexicon.Of(language));
        int line = text.LastIndexOf('\n') + 1;
        pieces.Read(text[..line]);
        pieces.Read(text[line..]);
        Assert.Equal(scanner.Unclosed, pieces.Unclosed);
    }

    [Theory]
    [InlineData("csharp", "int[] a = {", true)]
    [InlineData("csharp", "enum E\n{", true)]
    [InlineData("csharp", "var a = new C(1)\n{", true)]
    [InlineData("csharp", "return a switch\n{", true)]
    [InlineData("csharp", "foreach (var a in new[] { 1 }) {", false)]
    [InlineData("csharp", "class C\n{", false)]
    [InlineData("csharp", "f(() =>\n{", false)]
    [InlineData("typescript", "f({", true)]
    [InlineData("typescript", "if (a) {", false)]
    public void Entries_or_statements(string language, string text, bool entries)
    {
        var scanner = Scanner.Start(Lexicon.Of(language));
        scanner.Read(text);
        Assert.Equal(entries, scanner.IsInList);
    }
}
