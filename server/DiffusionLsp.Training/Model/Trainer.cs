using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Data-parallel training steps: each worker processes its share of the rows, gradients are averaged, and the workers then update
/// disjoint shares of the parameters. A step is a pure function of the state and the step's number. It knows no files and no clock.
/// </summary>
/// <remarks>
/// Workers are threads with one libtorch thread each: two OpenMP threads in one operator collapse as soon as anything else runs on the
/// machine, while two independent workers only slow down.
/// </remarks>
internal sealed class Trainer : IDisposable
{
    /// <summary>A GPU must not wait for a host thread that prepares batches; on a CPU there is no thread to spare.</summary>
    private const int BatchesAheadOfAGpu = 12;

    private readonly TrainingOptions options;
    private readonly IRowSource rows;
    private readonly SpecialTokens special;
    private readonly ObjectiveStep[] workers;
    private readonly int ahead;
    private readonly Dictionary<long, Task<TrainingBatch>> prepared = [];
    private readonly string[] names;

    /// <param name="ahead">Number of batches prepared ahead; null: depends on the device. Only with one worker.</param>
    public Trainer(TrainingOptions options, IRowSource rows, SpecialTokens special, Device device, int? ahead = null)
    {
        (this.options, this.rows, this.special) = (options, rows, special);
        Parameters = ParameterInitializer.Create(options.Model, options.Seed, device);
        Optimizer = new Optimizer(options, Parameters);
        names = [.. Parameters.Keys];
        workers = [.. Enumerable.Range(0, device.type is DeviceType.CPU ? options.Workers : 1).Select(_ => new ObjectiveStep(options, device))];
        this.ahead = ahead ?? (device.type is DeviceType.CPU ? 0 : BatchesAheadOfAGpu);
    }

    /// <summary>float32 master weights by name.</summary>
    public Dictionary<string, Tensor> Parameters { get; }

    public Optimizer Optimizer { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Clean tokens per step.</summary>
    public long TokensPerStep => (long)options.BatchRows * options.RowTokens;

    /// <summary>Performs one step.</summary>
    /// <returns>The losses and the gradient norm before clipping.</returns>
    public (StepLosses Losses, double GradientNorm) RunStep()
    {
        var results = new (Dictionary<string, Tensor> Gradients, StepLosses Losses)[workers.Length];
        InParallel(worker => results[worker] = Differentiate(worker));
        var squares = new double[workers.Length];
        var mean = new Dictionary<string, Tensor>[workers.Length];
        InParallel(worker => (mean[worker], squares[worker]) = Average(worker, results));
        double norm = Math.Sqrt(squares.Sum());
        double factor = options.ClipNorm > 0 && norm > options.ClipNorm ? options.ClipNorm / norm : 1;
        InParallel(worker => Update(mean[worker], factor));
        foreach (Tensor gradient in results.SelectMany(r => r.Gradients.Values)) gradient.Dispose();
        Step++;
        return (new StepLosses(results.Average(r => r.Losses.Autoregressive), results.Average(r => r.Losses.Diffusion)), norm);
    }

    private (Dictionary<string, Tensor>, StepLosses) Differentiate(int worker)
    {
        var result = workers[worker].Run(Parameters, ahead == 0 ? Batch(Step, worker) : Prepared());
        foreach (Tensor gradient in result.Gradients.Values) gradient.DetachFromDisposeScope();
        return result;
    }

    /// <summary>A worker's share of a step: a pure function of the options and the step.</summary>
    private TrainingBatch Batch(long step, int worker)
    {
        int share = options.BatchRows / workers.Length;
        long first = step * options.BatchRows + worker * share;
        long[][] own = [.. Enumerable.Range(0, share).Select(i => rows.Row(first + i))];
        return TrainingBatch.Create(options, special, own, new Random(RowSource.HashCode(options.Seed + 1, first)));
    }

    /// <summary>This step's batch, prepared while earlier steps ran.</summary>
    private TrainingBatch Prepared()
    {
        for (long step = Step; step <= Step + ahead && step < Math.Max(options.Steps, Step + 1); step++)
        {
            long wanted = step;
            if (!prepared.ContainsKey(step)) prepared[step] = Task.Run(() => Batch(wanted, 0));
        }
        prepared.Remove(Step, out var ready);
        return ready!.GetAwaiter().GetResult();
    }

    private (Dictionary<string, Tensor>, double) Average(int worker, IReadOnlyList<(Dictionary<string, Tensor> Gradients, StepLosses Losses)> results)
    {
        using var noGradient = no_grad();
        using var all = NewDisposeScope();
        var mean = new Dictionary<string, Tensor>();
        var square = zeros([1], ScalarType.Float64, Parameters.Values.First().device);
        foreach (string name in Share(worker))
        {
            using var scope = NewDisposeScope();
            var sum = results[0].Gradients[name].to(ScalarType.Float32, copy: true);
            for (int i = 1; i < results.Count; i++) sum.PlusInPlace(results[i].Gradients[name]);
            if (results.Count > 1) sum.TimesInPlace(1.0 / results.Count);
            square.PlusInPlace(sum.Squared().sum());
            mean[name] = sum.MoveToOuterDisposeScope().DetachFromDisposeScope();
        }
        return (mean, square.item<double>()); // a single read, because each one waits for the GPU
    }

    private void Update(Dictionary<string, Tensor> gradients, double factor)
    {
        if (factor != 1) foreach (Tensor gradient in gradients.Values) gradient.TimesInPlace(factor);
        Optimizer.Update(Parameters, gradients, Step);
        foreach (Tensor gradient in gradients.Values) gradient.Dispose();
    }

    private IEnumerable<string> Share(int worker) => names.Where((_, i) => i % workers.Length == worker);

    private void InParallel(Action<int> work)
    {
        if (workers.Length == 1) work(0);
        else Parallel.For(0, workers.Length, new ParallelOptions { MaxDegreeOfParallelism = workers.Length }, work);
    }

    public void Dispose()
    {
        Task.WaitAll([.. prepared.Values]); // they read the rows, whose files the caller closes
        foreach (ObjectiveStep worker in workers) worker.Dispose();
        foreach (Tensor tensor in Parameters.Values) tensor.Dispose();
        Optimizer.Dispose();
    }
}
