using System.Text.Encodings.Web;
using System.Text.Json;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>Gives the same cases to every method. It knows neither models nor tables.</summary>
internal static class EvaluationRunner
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Scores in the order of cases and methods.</summary>
    /// <param name="completions">Receives one line per case; null: nowhere.</param>
    public static IEnumerable<CaseScore> Run(IReadOnlyList<EvaluationCase> cases, IReadOnlyList<ICompletionMethod> methods, TextWriter? completions, Action done)
    {
        for (int i = 0; i < cases.Count; i++)
        {
            EvaluationCase hole = cases[i];
            var results = new MethodResult[methods.Count];
            // Methods that share a cache take turns to come first, so that each is timed cold on its share of the cases.
            for (int turn = 0; turn < methods.Count; turn++)
            {
                int which = (i + turn) % methods.Count;
                results[which] = methods[which].Complete(hole);
            }
            completions?.WriteLine(JsonSerializer.Serialize(new
            {
                hole.Language, Task = EvaluationTasks.Name(hole.Hole.Kind), hole.Package, hole.Path, hole.Hole.Start, hole.HasCode, hole.Truth,
                Completions = methods.Zip(results).ToDictionary(m => m.First.Name, m => m.Second.Completion),
            }, Json));
            for (int m = 0; m < methods.Count; m++) yield return CaseScore.Of(hole, methods[m].Name, results[m]);
            done();
        }
    }
}
