using System.Text;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Prompts;

/// <summary>A cursor in a line's leading whitespace: the tokens allowed there, and the whitespace still to be inserted.</summary>
public sealed class LineIndentTests
{
    private static readonly CodeTokenizer Joining = TinyTokenizer.Load(WithMerges(PreTokenizerPattern.Code, "Ċ Ġ", "ĊĠ Ġ", "ĊĠĠ ĠĠ", "Ċ ĉ", "Ċ Ċ", "ĊĊ ĠĠ", "Ġ Ġ"));

    // As Qwen2 cuts: a line break stands alone, an indentation leaves its last blank to the word.
    private static readonly CodeTokenizer Apart = TinyTokenizer.Load(WithMerges(@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", "Ġ Ġ", "ĠĠ Ġ", "ĠĠĠ ĠĠĠĠ", "ĠĠ ĠĠ", "Ġ x", "ĉ ĉ", "ĉ x"));

    private static System.Text.Json.Nodes.JsonObject WithMerges(string pattern, params string[] merges)
    {
        var json = TinyTokenizer.Json().WithPattern(pattern);
        var vocabulary = json["model"]!["vocab"]!.AsObject();
        foreach (string merge in TinyTokenizer.Merges) vocabulary.Remove(merge.Replace(" ", ""));
        // Ids stay dense: the merges take the places of those that went, the special tokens come behind them.
        int next = 256;
        foreach (string merge in merges) vocabulary[merge.Replace(" ", "")] = next++;
        foreach (var added in json["added_tokens"]!.AsArray()) added!["id"] = next++;
        json["model"]!["merges"] = new System.Text.Json.Nodes.JsonArray([.. merges.Select(m => System.Text.Json.Nodes.JsonValue.Create(m))]);
        return json;
    }

    private static string[]? Extra(CodeTokenizer tokenizer, string prefix) =>
        new LineIndent(tokenizer, new TokenPrefixes(tokenizer)).Plan(prefix, tokenizer.Encode(prefix))?.Values.Distinct().Order(StringComparer.Ordinal).ToArray();

    [Theory]
    [InlineData("if x:\n", new[] { "", "\t", " ", "  ", "    " })]
    [InlineData("if x:\r\n", new[] { "", "\t", " ", "  ", "    " })]
    [InlineData("    if x:\n  ", new[] { "", "  " })]
    [InlineData("if x:\n  y\nif z:\n ", new[] { "", " ", "   " })] // half a step
    [InlineData("if x:\n\n", new[] { "", "  " })] // behind an empty line
    public void A_line_break_may_have_more_behind_it(string prefix, string[] extra) => Assert.Equal(extra, Extra(Joining, prefix));

    [Fact]
    public void A_line_break_never_becomes_two() => Assert.DoesNotContain(new LineIndent(Joining, new TokenPrefixes(Joining)).Plan("if x:\n", Joining.Encode("if x:\n"))!.Keys, id => Joining.BytesOf(id).Count((byte)'\n') > 1);

    [Theory]
    [InlineData("        if x:\n  ", new[] { "", " ", "  ", "   ", "      " })] // as one, two, three, four and seven blanks before a word that has one
    [InlineData("\tif x:\n\t", new[] { "", "\t", "\t\t" })]
    [InlineData("  if x:\n ", new[] { "", " ", "  ", "   ", "    ", "       " })]
    public void White_space_of_its_own_may_be_longer(string prefix, string[] extra) => Assert.Equal(extra, Extra(Apart, prefix));

    [Theory]
    [InlineData("x = 1")]
    [InlineData("x = ")]
    [InlineData("")]
    [InlineData("    ")] // the first line: nothing says that it is a new one
    [InlineData("if x:\n    ")] // deeper than the line before
    [InlineData("    if x:\n      y\n    if z:\n        ")] // two steps deeper
    [InlineData("    y;\n\n    ")] // as deep as the line before, which opens nothing
    public void Elsewhere_nothing_is_asked(string prefix)
    {
        Assert.Null(Extra(Joining, prefix));
        Assert.Null(Extra(Apart, prefix));
    }

    [Fact]
    public void A_line_break_of_its_own_is_not_asked_about() => Assert.Null(Extra(Apart, "if x:\n")); // the indentation is a token that the hole begins with

    [Fact]
    public void Another_file_s_text_stays() => Assert.Null(new LineIndent(Joining, new TokenPrefixes(Joining)).Plan("", Joining.Encode("x\n")));

    [Fact]
    public void A_fim_token_is_no_white_space() => Assert.Null(new LineIndent(Joining, new TokenPrefixes(Joining)).Plan("x:\n", [.. Joining.Encode("x:\n"), Joining.Special.FimMiddle!.Value]));

    [Theory]
    [InlineData("y =  ", " ", " ")] // two blanks: the first stays
    [InlineData("if y:\n   ", "  ", " ")]
    public void Of_several_blanks_only_the_last_is_healed(string prefix, string kept, string required)
    {
        Healing healing = new TokenHealing(Apart).Plan(prefix, Apart.Encode(prefix))!;
        Assert.Equal(kept, Apart.Decode(healing.Kept));
        Assert.Equal(required, Encoding.UTF8.GetString(healing.Required));
        Assert.Contains(healing.Allowed, id => Apart.BytesOf(id).SequenceEqual(" x"u8));
    }
}
