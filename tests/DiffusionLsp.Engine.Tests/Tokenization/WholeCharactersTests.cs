using System.Globalization;
using System.Text;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Wherever the tokens of a text end, the decoded text ends with a whole character.</summary>
public class WholeCharactersTests
{
    private static readonly string[] Scripts =
    [
        "// просто комментарий — и ещё", "# 数据结构と文字列", "\"안녕하세요\"", "मानक हिन्दी", "/* ελληνικά */", "שלום עולם", "مرحبا بالعالم", "ภาษาไทย",
        "🙂🙃 👩‍👩‍👧 👍🏽 🇩🇪", "e\u0301a\u0308o\u0302", "𝒜𝓑 𠀀𠀁", "plain ascii", "→ ≤ “quoted”", "\uFFFD kept",
    ];

    public static TheoryData<string> Texts => [.. Scripts];

    [Theory, MemberData(nameof(Texts))]
    public void A_text_that_is_cut_at_any_byte_ends_with_a_whole_character(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] ends = [.. StringInfo.ParseCombiningCharacters(text), text.Length];
        for (int end = 0; end <= bytes.Length; end++)
        {
            string read = WholeCharacters.Of(bytes.AsSpan(0, end));
            Assert.StartsWith(read, text, StringComparison.Ordinal);
            Assert.DoesNotContain('\uFFFD', read.Replace("\uFFFD kept", "").Replace("\uFFFD", text[0] == '\uFFFD' ? "" : "\uFFFD"));
            Assert.True(read.Length == 0 || !char.IsHighSurrogate(read[^1]), "half a surrogate pair");
            bool midCharacter = Encoding.UTF8.GetString(bytes.AsSpan(0, end)) is var loose && !text.StartsWith(loose, StringComparison.Ordinal);
            if (midCharacter && text[0] is 'e' or '/') Assert.Contains(read.Length, ends); // a mark whose bytes are cut takes its letter with it
        }
        Assert.Equal(text, WholeCharacters.Of(bytes));
    }

    [Theory, MemberData(nameof(Texts))]
    public void So_does_one_that_is_cut_after_any_token_healed_or_not(string text)
    {
        CodeTokenizer tokenizer = TinyTokenizer.Load(); // every byte a token
        int[] ids = tokenizer.Encode("x" + text);
        var healing = new Healing("x"u8.ToArray(), []);
        for (int end = 1; end <= ids.Length; end++)
        {
            Assert.StartsWith(tokenizer.DecodeWhole(ids.AsSpan(0, end)), "x" + text, StringComparison.Ordinal);
            Assert.StartsWith(healing.Rest(tokenizer, ids.AsSpan(0, end)), text, StringComparison.Ordinal);
        }
        Assert.Equal(text, healing.Rest(tokenizer, ids));
    }

    [Theory]
    [InlineData("61 62 D0", "ab")]
    [InlineData("61 D0 62 63", "a")] // broken inside: what follows belongs to nothing
    [InlineData("D0", "")]
    [InlineData("80 61", "")]
    [InlineData("61 ED A0 80", "a")] // a surrogate's half has no UTF-8
    [InlineData("65 CC", "")] // what follows could only be a mark on the e
    [InlineData("61 65 CC", "a")]
    [InlineData("F0 9F 91 A9 E2 80 8D F0 9F", "\U0001F469")] // a joiner with nothing to join
    public void Bytes(string hex, string text) => Assert.Equal(text, WholeCharacters.Of(Convert.FromHexString(hex.Replace(" ", ""))));

    [Fact]
    public async Task A_very_long_run_of_marks_is_read_in_no_time()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("e" + new string('\u0301', 100_000)), 0xCC];
        await Task.Run(() => WholeCharacters.Of(bytes)).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void No_prompt_begins_or_ends_inside_a_character()
    {
        CodeTokenizer tokenizer = TinyTokenizer.Load();
        int[] broken = tokenizer.Encode("\uFFFD");
        foreach (int shift in new[] { 0, 1 })
        {
            string text = new string('x', shift) + string.Concat(Enumerable.Repeat("🙂", 40_000));
            int[] prompt = new PromptBuilder(tokenizer, 64).Build(new InfillRequest { Prefix = text, Suffix = text });
            Assert.Equal(-1, prompt.AsSpan().IndexOf(broken));
        }
    }
}
