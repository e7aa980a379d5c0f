using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Filter;

/// <summary>Several engines with the same model that share the cases. Results do not depend on their number.</summary>
internal sealed class EnginePool : IDisposable
{
    public EnginePool(EngineOptions options, int count)
    {
        if (count is < 1 or > 64) throw new EngineException($"--workers is {count}; it must be 1 to 64.");
        Engines = [.. Enumerable.Range(0, count).Select(_ => InfillEngine.Load(options))];
    }

    public IReadOnlyList<InfillEngine> Engines { get; }

    public ModelSummary Model => Engines[0].Model;

    /// <summary>The results in the order of the cases.</summary>
    /// <param name="work">Maps a worker's index and a case to a result; one worker is never used by two threads at once.</param>
    /// <param name="done">Called after each case, from any thread.</param>
    public TResult[] Map<TCase, TResult>(IReadOnlyList<TCase> cases, Func<int, TCase, TResult> work, Action done)
    {
        var results = new TResult[cases.Count];
        int next = -1;
        Parallel.For(0, Engines.Count, new ParallelOptions { MaxDegreeOfParallelism = Engines.Count }, worker =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < cases.Count;)
            {
                results[i] = work(worker, cases[i]);
                done();
            }
        });
        return results;
    }

    public void Dispose()
    {
        foreach (InfillEngine engine in Engines) engine.Dispose();
    }
}
