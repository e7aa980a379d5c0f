using System.Text.Encodings.Web;
using System.Text.Json;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>Runs every method on the same cases. It knows neither models nor tables.</summary>
internal static class EvaluationRunner
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Scores in the order of cases and methods, whatever the number of workers.</summary>
    /// <param name="workers">The same methods once per worker; one worker's methods are never called from two threads at once.</param>
    /// <param name="completions">Receives one line per case; null: none are written.</param>
    /// <param name="done">Called after each case, from any thread.</param>
    public static IEnumerable<CaseScore> Run(
        IReadOnlyList<EvaluationCase> cases, IReadOnlyList<IReadOnlyList<ICompletionMethod>> workers, TextWriter? completions, Action done)
    {
        var results = new MethodResult[cases.Count][];
        var clones = new bool[cases.Count];
        Parallel.For(0, workers.Count, new ParallelOptions { MaxDegreeOfParallelism = workers.Count }, worker =>
        {
            for (int i = worker; i < cases.Count; i += workers.Count)
            {
                results[i] = Complete(cases[i], workers[worker], i / workers.Count);
                clones[i] = cases[i].Neighbours?.HasClone(cases[i]) is true;
                done();
            }
        });
        if (completions is not null)
            for (int i = 0; i < cases.Count; i++) completions.WriteLine(Line(cases[i], workers[0], results[i]));
        return cases.Zip(results, clones).SelectMany(c => workers[0].Zip(c.Second, (method, result) => CaseScore.Of(c.First, c.Third, method.Name, result)));
    }

    /// <summary>Methods that share a cache take turns to run first, so that each is timed cold on its share of the cases.</summary>
    private static MethodResult[] Complete(EvaluationCase hole, IReadOnlyList<ICompletionMethod> methods, int rotation)
    {
        var results = new MethodResult[methods.Count];
        for (int turn = 0; turn < methods.Count; turn++)
        {
            int which = (rotation + turn) % methods.Count;
            results[which] = methods[which].Complete(hole);
        }
        return results;
    }

    private static string Line(EvaluationCase hole, IReadOnlyList<ICompletionMethod> methods, MethodResult[] results) => JsonSerializer.Serialize(new
    {
        hole.Language, Task = EvaluationTasks.Name(hole.Hole.Kind), hole.Package, hole.Path, hole.Hole.Start, hole.HasCode, hole.Truth,
        Completions = methods.Zip(results).ToDictionary(m => m.First.Name, m => m.Second.Completion),
    }, Json);
}
