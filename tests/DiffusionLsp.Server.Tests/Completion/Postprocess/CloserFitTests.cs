using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Tests.Completion.Postprocess;

/// <summary>
/// With a suggestion inserted, brackets and quotes are as well balanced as before, whatever the text around the cursor and
/// whatever the model closes again. Measured by counting, independently of the code under test.
/// </summary>
public class CloserFitTests
{
    /// <summary>What is open before the cursor, and what the editor inserted to close it.</summary>
    private static readonly (string Before, string After)[] Places =
    [
        ("if (", ")"), ("while (", ")"), ("foo(bar(", "))"), ("x[", "]"), ("x[f(", ")]"), ("f({ a: ", " })"), ("call([", "])"), ("f(x => { ", " })"),
        ("println!(\"", "\")"), ("print('", "')"), ("print(f'{", "}')"), ("s = f\"{foo(", ")}\""), ("$\"{d[", "]}\""), ("x = `a ${", "}`"), ("x = `", "`"), ("d[\"", "\"]"),
        ("x = \"\"\"", "\"\"\""), ("<a href=\"", "\">"), ("echo \"$(", ")\""), ("vec![", "];"), ("foo( ", " )"), ("if (f( ", " ) )"), ("{ ", " }"), ("f(a, ", ")"), ("@\"", "\""),
        ("List<", ">"), ("Map<String, List<", ">>"), ("fn f<'a>(x: &'a str, ", ")"), ("// don't (", ")"), ("'it''s ", "'"), ("(((((((((", ")))))))))"),
    ];

    private static readonly string[] Inner = ["a", "x, y", "g({ b: f(a[0]) })"];

    private static readonly string[] Tails = ["", " ;", ",", " {", ") {", ";\n"];

    private static readonly string[] Continuations = ["", ";", ",", " {", ".then(b)", " + c", "; g()", " { return; }", ", c)", " == 2) {", ").x(", "(", " => {", "[", "\"", " or \"b\"", "\nnext();", "))))))"];

    public static TheoryData<int> PlaceNumbers => [.. Enumerable.Range(0, Places.Length)];

    [Theory, MemberData(nameof(PlaceNumbers))]
    public void Nothing_is_closed_twice(int number)
    {
        (string before, string after) = Places[number];
        foreach (string tail in Tails)
            foreach (string inner in Inner)
                for (int closers = 0; closers <= after.Length; closers++)
                    foreach (string goesOn in Continuations)
                        foreach (Replacing replacing in Enum.GetValues<Replacing>())
                        {
                            string draft = inner + after[..closers] + goesOn;
                            int quote = after.AsSpan().IndexOfAny("\"'`"), quotes = after.Contains("\"\"\"") ? 3 : 1;
                            bool isProse = quote >= 0 && closers >= quote && closers < quote + quotes; // the string may hold what it likes
                            if (!isProse) IsNoWorse(before, draft, after + tail, replacing);
                        }
    }

    [Theory, MemberData(nameof(PlaceNumbers))]
    public void What_the_model_closes_and_goes_on_behind_is_shown_whole(int number)
    {
        (string before, string after) = Places[number];
        string draft = "a" + after + " + c";
        (string text, int replaced) = CloserFit.Of(draft, Surroundings.Of(before, after, singleLine: true), Replacing.Closers);
        Assert.Equal((draft, after.TrimEnd().Length), (text, replaced));
        Assert.Equal(("a", 0), CloserFit.Of(draft, Surroundings.Of(before, after, singleLine: true), Replacing.Nothing));
    }

    [Fact]
    public void Whatever_is_written_the_brackets_are_no_worse()
    {
        var random = new Random(1);
        string Some(string of, int most) => new([.. Enumerable.Range(0, random.Next(most)).Select(_ => of[random.Next(of.Length)])]);
        for (int i = 0; i < 20_000; i++)
        {
            string before = "(" + Some("([{ab ,", 6), draft = Some("()[]{}ab;, ", 12);
            string closers = string.Concat(before.Reverse().Where("([{".Contains).Select(c => ")]}"["([{".IndexOf(c)]));
            string after = string.Concat(closers.Take(1 + random.Next(closers.Length)).Select(c => Some(" ", 2) + c)) + Some(" ;,", 3);
            IsNoWorse(before, draft, after, (Replacing)(i % 2));
        }
    }

    [Fact]
    public void No_text_is_too_odd()
    {
        var random = new Random(2);
        const string Odd = "()[]{}<>\"'`\\$@f#/ ;,:=ab\n\té🙂";
        string Some(int most) => new([.. Enumerable.Range(0, random.Next(most)).Select(_ => Odd[random.Next(Odd.Length - 2)])]);
        for (int i = 0; i < 20_000; i++)
        {
            string after = Some(10), draft = Some(20);
            (string text, int replaced) = CloserFit.Of(draft, Surroundings.Of(Some(20), after, i % 2 == 0), Replacing.Closers);
            string line = after.Split('\n')[0];
            Assert.InRange(replaced, 0, line.Length);
            Assert.True(IsWithin(line[..replaced], text), $"'{text}' does not write '{line[..replaced]}' again");
        }
    }

    [Fact]
    public async Task A_long_line_of_brackets_takes_no_time()
    {
        foreach (string piece in new[] { "(", ")", "\"", "'", "({", "})", "<", "a>" })
        {
            string many = string.Concat(Enumerable.Repeat(piece, 8_000 / piece.Length));
            await Task.Run(() => CloserFit.Of(many, Surroundings.Of(many, many, singleLine: true), Replacing.Closers)).WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private static void IsNoWorse(string before, string draft, string after, Replacing replacing)
    {
        (string text, int replaced) = CloserFit.Of(draft, Surroundings.Of(before, after, singleLine: true), replacing);
        string was = before + after, now = before + text + after[replaced..], what = $"{before}║{after} and {draft} make {now}";
        Assert.True(replacing is Replacing.Closers || replaced == 0, what);
        Assert.True(IsWithin(after[..replaced], text), what);
        Assert.True(Unmatched(now) <= Unmatched(was), what);
        foreach (char quote in "\"`")
            Assert.True(now.Count(c => c == quote) % 2 <= was.Count(c => c == quote) % 2, what);
    }

    /// <summary>Number of unmatched brackets, by count alone where strings may contain any.</summary>
    private static int Unmatched(string text)
    {
        var open = new Stack<char>();
        int unmatched = 0;
        foreach (char c in text)
        {
            if ("([{".Contains(c)) open.Push(c);
            else if (")]}".IndexOf(c) is var kind and >= 0)
            {
                if (open.TryPeek(out char top) && top == "([{"[kind]) open.Pop();
                else unmatched++;
            }
        }
        return unmatched + open.Count;
    }

    /// <summary>Whether one text results from another by removing characters: what editors can show as a suggestion.</summary>
    private static bool IsWithin(string part, string whole)
    {
        int at = 0;
        foreach (char c in part)
        {
            at = whole.IndexOf(c, at) + 1;
            if (at == 0) return false;
        }
        return true;
    }
}
