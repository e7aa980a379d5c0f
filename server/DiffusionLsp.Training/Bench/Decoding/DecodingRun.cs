using System.Diagnostics;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Runs every method on every case, case by case, so that load on the machine slows all methods alike, and stores each result at
/// once. Stored results are not measured again. It makes no table.
/// </summary>
/// <param name="exactCache">Whether the cache leaves every token unchanged, as in block-causal models.</param>
internal sealed class DecodingRun(EngineOptions engineOptions, CodeTokenizer tokenizer, bool exactCache, PartialResults results, Action<string> report)
{
    private readonly TimeLeft left = new();

    /// <summary>One measurement to make.</summary>
    private sealed record Piece(BenchSetting Setting, int Index, EvaluationCase Case, BenchMethod Method, bool Timed)
    {
        public string Kind => $"{Setting.Name}/{Method.Key}/{Timed}";
    }

    public void Measure(IReadOnlyList<BenchSetting> settings, IReadOnlyList<EvaluationCase> cases, IReadOnlyList<BenchMethod> methods)
    {
        Piece[][] plan = [.. settings.Select(setting => Missing(setting, cases, methods).ToArray())];
        foreach (Piece piece in plan.SelectMany(p => p)) left.Expect(piece.Kind);
        foreach (Piece[] pieces in plan.Where(p => p.Length > 0))
        {
            BenchSetting setting = pieces[0].Setting;
            report($"{setting.Name}: loading");
            using InfillEngine engine = InfillEngine.Load(engineOptions with { PromptTokens = setting.ContextTokens });
            WarmUp(engine, setting, cases[0], [.. pieces.Select(p => p.Method).Distinct()]);
            foreach (Piece piece in pieces)
            {
                report($"{setting.Name}: case {piece.Index + 1} of {cases.Count}, {piece.Method.Name} {TimeLeft.Words(left.Estimate())}".TrimEnd());
                var clock = Stopwatch.StartNew();
                results.Add(Answer(engine, piece, methods));
                left.Done(piece.Kind, clock.Elapsed.TotalSeconds);
            }
        }
    }

    /// <summary>The measurements without a result. Those that need another method's text come after it.</summary>
    private IEnumerable<Piece> Missing(BenchSetting setting, IReadOnlyList<EvaluationCase> cases, IReadOnlyList<BenchMethod> methods) =>
        from at in Enumerable.Range(0, cases.Count)
        from piece in Enumerable.Range(0, methods.Count)
            .Select(turn => methods[(at + turn) % methods.Count]) // methods take turns to run first
            .Select(method => new Piece(setting, at, cases[at], method, !method.IsUncached || !exactCache || at < setting.Timed))
            .OrderBy(piece => !piece.Timed ? 2 : piece.Method.IsOracle ? 1 : 0)
        where results.Find(setting.Name, BenchCases.Key(piece.Case), piece.Method.Key) is not { } found || (piece.Timed && found.Milliseconds is null)
        select piece;

    private BenchRecord Answer(InfillEngine engine, Piece piece, IReadOnlyList<BenchMethod> methods)
    {
        string hole = BenchCases.Key(piece.Case);
        if (!piece.Timed && methods.FirstOrDefault(m => m.Options == piece.Method.Cached) is { } twin && results.Find(piece.Setting.Name, hole, twin.Key) is { } same)
            return same with { Method = piece.Method.Key, Milliseconds = null, Canvas = null, Sitting = results.Sitting };
        DecodeOptions options = piece.Timed ? piece.Method.Options : piece.Method.Cached;
        var watch = new CanvasWatch();
        InfillResult result = Decode(engine, piece.Setting.Request(piece.Case), piece.Setting.Options(options, piece.Case),
            piece.Method.IsOracle ? Oracle(watch, results.Find(piece.Setting.Name, hole, BenchMethods.VanillaCached.Key)!.Canvas!) : new DecodeWatch(watch));
        return new BenchRecord(piece.Setting.Name, hole, piece.Method.Key, result.Completion, result.Forwards, watch.Steps, tokenizer.Encode(result.Completion).Length,
            piece.Timed ? result.Timings.Prompt + result.Timings.Decode : null, piece.Method == BenchMethods.VanillaCached ? watch.Ids : null, results.Sitting);
    }

    /// <summary>Commits vanilla's tokens wherever the model proposes them by itself.</summary>
    private static DecodeWatch Oracle(CanvasWatch watch, IReadOnlyList<int> reference) => new(watch, (_, _) => CommitPolicies.Oracle(reference));

    /// <summary>Compiles the code to be timed, with real requests except for a short hole.</summary>
    private static void WarmUp(InfillEngine engine, BenchSetting setting, EvaluationCase hole, IReadOnlyList<BenchMethod> methods)
    {
        foreach (BenchMethod method in methods)
            for (int i = 0; i < 2; i++) Decode(engine, setting.Request(hole), setting.Options(method.Options, hole) with { Length = Math.Min(setting.Block, setting.MostTokens) }, new DecodeWatch(new CanvasWatch()));
    }

    /// <summary>Decodes a request with a prompt that is in no cache.</summary>
    private static InfillResult Decode(InfillEngine engine, InfillRequest request, DecodeOptions options, DecodeWatch watch)
    {
        engine.ForgetAsync().GetAwaiter().GetResult();
        return engine.InfillAsync(request, options, watch, CancellationToken.None).GetAwaiter().GetResult();
    }
}
