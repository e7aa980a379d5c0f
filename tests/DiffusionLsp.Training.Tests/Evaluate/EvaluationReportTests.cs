using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>From answers to rows to Markdown, with methods that answer what they are told to.</summary>
public sealed class EvaluationReportTests
{
    private static readonly EvaluationCase[] Cases =
    [
        Case("csharp", "int x = ", "1;"),
        Case("csharp", "int y = ", "Call(z);"),
        Case("csharp", "Call(z", ");"),
        Case("python", "y = ", "call(z)"),
    ];

    [Fact]
    public void Rows_are_sums_over_their_cases()
    {
        var method = new Scripted("model", hole => new MethodResult(hole.Truth == "Call(z);" ? "Call(q);" : hole.Truth, hole.Truth.Length, hole.Language == "csharp", 2, 3));
        IReadOnlyList<EvaluationRow> rows = EvaluationRow.Of([.. EvaluationRunner.Run(Cases, [[method]], null, () => { })]);
        EvaluationRow csharp = rows.Single(r => r.Language == "csharp");
        Assert.Equal((3, 2), (csharp.Cases, csharp.CodeCases));
        Assert.Equal(100 * 2 / 3.0, csharp.Exact, 1e-9);
        Assert.Equal(50, csharp.CodeExact);
        Assert.Equal((100 + 100 + 87.5) / 3, csharp.Similarity, 1e-9);
        Assert.Equal(100 * (2 + 5 + 2) / 12.0, csharp.Saved, 1e-9);
        Assert.Equal((2, 8), (csharp.MillisecondsP50, csharp.MillisecondsP95));
        Assert.Equal((2, 1.5), (csharp.Forwards, csharp.TokensPerForward));
        EvaluationRow python = rows.Single(r => r.Language == "python");
        Assert.True(double.IsNaN(python.MillisecondsP50), "a warm request is not timed");
        EvaluationRow all = rows.Single(r => r.Language == EvaluationRow.AllLanguages);
        Assert.Equal((4, 75.0), (all.Cases, all.Exact));
        Assert.Equal(["csharp", "python", "all"], rows.Select(r => r.Language));
    }

    [Fact]
    public void Every_method_gets_every_case_once_whatever_the_number_of_workers()
    {
        ICompletionMethod[] Methods() => [new Scripted("a", h => new(h.Truth, 1, true, 1, 1)), new Scripted("b", h => new("", 1, true, 1, 1))];
        ICompletionMethod[][] workers = [Methods(), Methods(), Methods()];
        int done = 0;
        var lines = new StringWriter();
        CaseScore[] scores = [.. EvaluationRunner.Run(Cases, workers, lines, () => Interlocked.Increment(ref done))];
        Assert.Equal(4, done);
        Assert.Equal(Cases.SelectMany(c => new[] { (c.Language, "a", true), (c.Language, "b", false) }), scores.Select(s => (s.Language, s.Method, s.Exact)));
        Assert.Equal(8, workers.Sum(w => w.Sum(m => ((Scripted)m).Seen.Count)));
        Assert.Equal(4, lines.ToString().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Methods_take_turns_to_come_first()
    {
        var order = new List<string>();
        ICompletionMethod Noting(string name) => new Scripted(name, _ =>
        {
            order.Add(name);
            return new("", 1, true, 1, 1);
        });
        _ = EvaluationRunner.Run(Cases, [[Noting("a"), Noting("b")]], null, () => { }).ToArray();
        Assert.Equal(["a", "b", "b", "a", "a", "b", "b", "a"], order);
    }

    [Fact]
    public void The_table_is_Markdown_with_equal_columns()
    {
        var methods = new ICompletionMethod[] { new Scripted("diffusion", h => new(h.Truth, 12.34, true, 2, 3)), new Scripted("n-gram of the file", h => new("", 0.1234, true, 0, 0)) };
        var report = new EvaluationReport("nano", 8_000_000, "cpu", 1, 2, "decoder threshold 0.9, blocks of 16", 512, 1, 3.5,
            EvaluationRow.Of([.. EvaluationRunner.Run(Cases, [methods], null, () => { })]), []);
        string markdown = EvaluationTable.Markdown(report);
        string[] table = [.. markdown.Split('\n').Where(l => l.StartsWith('|'))];
        Assert.Equal(2 + 3 * 2, table.Length);
        Assert.Contains("| all | rest of line | +1.0 | -0.5 | +2.5 |", EvaluationTable.Markdown(report with { Gains = [new PairedGain("all", "rest of line", 1, -0.5, 2.5)] }));
        Assert.All(table, line => Assert.Equal(table[0].Count(c => c == '|'), line.Count(c => c == '|')));
        Assert.Equal("| csharp | rest of line | diffusion | 3 | 100.0 | 100.0 (2) | 100.0 (3) | 100.0 | 100.0 | 12 | 12 | 2.0 | 1.50 |", table[2]);
        Assert.Equal("| csharp | rest of line | n-gram of the file | 3 | 0.0 | 0.0 (2) | 0.0 (3) | 0.0 | 0.0 | 0.1 | 0.1 | – | – |", table[3]);
        Assert.StartsWith("nano: 8.0 M parameters", markdown);
        Assert.Contains(CaseSelector.Filter, markdown);
        Assert.DoesNotContain('\r', markdown);
    }

    private static EvaluationCase Case(string language, string prefix, string truth) =>
        new(language, "p", "f", prefix + truth + "\n", new Hole(HoleKind.RestOfLine, prefix.Length, prefix.Length + truth.Length));

    private sealed class Scripted(string name, Func<EvaluationCase, MethodResult> answer) : ICompletionMethod
    {
        public List<EvaluationCase> Seen { get; } = [];

        public string Name => name;

        public MethodResult Complete(EvaluationCase hole)
        {
            Seen.Add(hole);
            return answer(hole);
        }
    }
}
