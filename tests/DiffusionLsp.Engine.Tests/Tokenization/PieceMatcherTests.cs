using System.Diagnostics;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Tests.Checkpoints;
using FsCheck.Xunit;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Pieces equal those of a backtracking regular expression, for every published pattern and for random ones; hostile patterns end soon.</summary>
[Trait("tier", "slow")]
public sealed class PieceMatcherTests
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    /// <summary>The pattern, and the same for .NET, which writes possessive quantifiers as atomic groups.</summary>
    private static readonly (string Pattern, Regex Same)[] Published =
    [
        Of(PreTokenizerPattern.Code),
        Of(PreTokenizerPattern.Gpt2),
        Of(TokenizerCase.Qwen2),
        Of(TokenizerCase.SeedCoder),
        Of(TokenizerCase.Bailing, @"'(?i:[sdmt]|ll|ve|re)|(?>[^\r\n\p{L}\p{N}]?)\p{L}+|\p{N}| ?(?>[^\s\p{L}\p{N}]+)[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"),
        Of(Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), // Llama 3
        Of(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + Contractions + @"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" // o200k
            + Contractions + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
    ];

    public static TheoryData<int> PublishedNumbers => [.. Enumerable.Range(0, Published.Length)];

    [Property(Arbitrary = [typeof(UnicodeTextArbitrary)], MaxTest = 1000)]
    public void Random_text_is_cut_as_by_the_expression(UnicodeText text)
    {
        foreach ((string pattern, Regex same) in Published) Assert.Equal(Pieces(same, text.Value), Pieces(pattern, text.Value));
    }

    [Theory, MemberData(nameof(PublishedNumbers))]
    public void The_source_of_this_program_is_cut_as_by_the_expression(int number)
    {
        (string pattern, Regex same) = Published[number];
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository(), "server"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/"))];
        Assert.True(files.Length > 100);
        foreach (string file in files)
        {
            string text = File.ReadAllText(file);
            Assert.Equal(Pieces(same, text), Pieces(pattern, text));
        }
    }

    [Fact]
    public void Random_patterns_cut_as_the_expression_does()
    {
        var random = new Random(5);
        int read = 0;
        for (int i = 0; i < 600; i++)
        {
            (string ours, string theirs) = RandomPattern(random, 3);
            if (TryRead(ours) is not { } pattern) continue;
            read++;
            var same = new Regex(theirs, RegexOptions.CultureInvariant);
            for (int j = 0; j < 5; j++)
            {
                string text = new([.. Enumerable.Range(0, random.Next(10)).Select(_ => "aabc A"[random.Next(6)])]);
                Assert.True(Pieces(same, text).SequenceEqual(Pieces(pattern, text)), $"{ours} on '{text}'");
            }
        }
        Assert.InRange(read, 300, 600);
    }

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(?:(?:(?:a*b?)*a+)*a)*b")]
    [InlineData("a*a*a*a*a*a*a*a*b")]
    [InlineData("a*b|a")]
    [InlineData("(?:a|aa|aaa|b*a)+c")]
    [InlineData("(?:a{1,30}){1,30}b")]
    [InlineData("(?:a|b)*a(?:a|b){12}c")]
    [InlineData(@"\s*\s*\s*[\r\n]+|\s*a")]
    [InlineData(@"(?:\w+\s?)*[;]")]
    [InlineData(@"(?:.+)+\n")]
    public void A_hostile_pattern_is_refused_or_cuts_a_long_text_soon(string pattern)
    {
        if (TryRead(pattern) is null) return;
        var watch = Stopwatch.StartNew();
        foreach (string text in new[] { new string('a', 20_000), new string(' ', 20_000), string.Concat(Enumerable.Repeat("ab", 10_000)), string.Concat(Enumerable.Repeat("a b", 7_000)) })
            Assert.Equal(text.Length, new PreTokenizer(pattern).Cut(text).Sum(p => p.Length));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60); // an expression that backtracks takes years
    }

    [Fact]
    public void A_longer_piece_is_cut_and_nothing_is_lost()
    {
        var cut = new PreTokenizer(PreTokenizerPattern.Qwen2);
        string text = new string('a', 3000) + new string(' ', 3000) + "\n" + new string('=', 3000);
        List<(int Start, int Length)> pieces = cut.Cut(text);
        Assert.Equal(text, string.Concat(pieces.Select(p => text.Substring(p.Start, p.Length))));
        Assert.Equal(PieceMatcher.LongestPiece, pieces.Max(p => p.Length));
    }

    private static string? TryRead(string pattern)
    {
        try
        {
            _ = PieceMatcher.Of(pattern);
            return pattern;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static (string Ours, string Theirs) RandomPattern(Random random, int depth)
    {
        string[] atoms = ["a", "b", "[ab]", "[^a]", ".", @"\s", @"\S", "(?i:a)", "c", @"\w", "(?!a)", @"(?!\S)", "(?=b)", " "];
        string atom = atoms[random.Next(atoms.Length)];
        if (depth == 0) return (atom, atom);
        (string Ours, string Theirs) one = RandomPattern(random, depth - 1), other = RandomPattern(random, depth - 1);
        string often = new[] { "*", "+", "?", "{2}", "{1,3}", "{0,2}", "*?", "+?", "??", "{1,}" }[random.Next(10)];
        string simply = often.Length > 1 ? often.TrimEnd('?') : often; // "+" behind it means something else
        if (simply.Length == 0) simply = "?";
        return random.Next(6) switch
        {
            0 => (one.Ours + other.Ours, one.Theirs + other.Theirs),
            1 => ($"(?:{one.Ours}|{other.Ours})", $"(?:{one.Theirs}|{other.Theirs})"),
            2 => ($"(?:{one.Ours}){often}", $"(?:{one.Theirs}){often}"),
            3 => ($"{one.Ours}|{other.Ours}", $"{one.Theirs}|{other.Theirs}"),
            4 => ($"[ab]{simply}+{one.Ours}", $"(?>[ab]{simply}){one.Theirs}"),
            _ => one,
        };
    }

    private static (string, Regex) Of(string pattern, string? same = null) => (pattern, new Regex(same ?? pattern, RegexOptions.CultureInvariant));

    private static List<string> Pieces(string pattern, string text) => [.. new PreTokenizer(pattern).Cut(text).Select(p => text.Substring(p.Start, p.Length))];

    /// <summary>As the tokenizer worked before: matches of the expression, and the gaps between them.</summary>
    private static List<string> Pieces(Regex same, string text)
    {
        (string Shadow, int[] Starts)? astral = same.ToString() == PreTokenizerPattern.Code ? null : AstralText.Shadow(text);
        int At(int character) => astral is { } a ? a.Starts[character] : character;
        var pieces = new List<string>();
        int end = 0;
        foreach (Match match in same.Matches(astral?.Shadow ?? text))
        {
            int start = At(match.Index), next = At(match.Index + match.Length);
            if (next == start) continue;
            if (start > end) pieces.Add(text[end..start]);
            pieces.Add(text[start..next]);
            end = next;
        }
        if (end < text.Length) pieces.Add(text[end..]);
        return pieces;
    }

    private static string Repository()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "DiffusionLsp.sln"))) at = at.Parent;
        return at.FullName;
    }
}
