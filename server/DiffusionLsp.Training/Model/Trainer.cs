using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
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
    private IRowSource rows;
    private readonly SpecialTokens special;
    private readonly ObjectiveStep[] workers;
    private readonly int ahead;
    private readonly Dictionary<long, Task<TrainingBatch>> prepared = [];
    private readonly ParameterBuffer parameters;
    private readonly Tensor weights; // the parameters in the compute type
    private readonly FlatShare[] shares;
    private readonly TrainingReport report;

    /// <param name="ahead">Number of batches prepared ahead; null: depends on the device. Only with one worker.</param>
    public Trainer(TrainingOptions options, IRowSource rows, SpecialTokens special, Device device, int? ahead = null)
    {
        (this.options, this.rows, this.special) = (options, rows, special);
        parameters = new ParameterBuffer(options.Model, options.Seed, device);
        Optimizer = new Optimizer(options, parameters.Layout, device);
        ScalarType type = ObjectiveStep.TypeOf(options);
        weights = type == ScalarType.Float32 ? parameters.Flat : empty(parameters.Layout.Length, type, device).DetachFromDisposeScope();
        report = new TrainingReport(device);
        int count = device.type is DeviceType.CPU ? options.Workers : 1;
        workers = [.. Enumerable.Range(0, count).Select(_ => new ObjectiveStep(options, parameters.Layout, device))];
        shares = [.. Enumerable.Range(0, count).Select(worker => parameters.Layout.Share(worker, count))];
        EndStep = options.Steps;
        this.ahead = ahead ?? (device.type is DeviceType.CPU ? 0 : BatchesAheadOfAGpu);
    }

    /// <summary>float32 master weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => parameters.ByName;

    /// <summary>All of them, flat, as <see cref="ObjectiveStep"/> takes them.</summary>
    public Tensor FlatParameters => parameters.Flat;

    public FlatLayout Layout => parameters.Layout;

    public Optimizer Optimizer { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Steps of the whole run; the decay ends there.</summary>
    public long EndStep { get; private set; }

    /// <summary>Lets the decay begin after this many steps, if it would begin later.</summary>
    public void DecayFrom(long step) => EndStep = Math.Min(EndStep, step + options.DecaySteps);

    /// <summary>Takes the rows of later steps from another source.</summary>
    public void UseRows(IRowSource source)
    {
        Task.WaitAll([.. prepared.Values]);
        prepared.Clear();
        rows = source;
    }

    /// <summary>Clean tokens per step.</summary>
    public long TokensPerStep => (long)options.BatchRows * options.RowTokens;

    /// <summary>Starts one step; on a GPU it may still run on return.</summary>
    public void RunStep()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var results = new (Tensor Gradient, Tensor Losses)[workers.Length];
        var squares = new Tensor[workers.Length];
        if (!ReferenceEquals(weights, parameters.Flat)) InParallel(worker => InShare(worker, range => range.Of(weights).copy_(range.Of(parameters.Flat))));
        InParallel(worker => results[worker] = Differentiate(worker));
        InParallel(worker => squares[worker] = Average(worker, results));
        // The norm before clipping; it stays on the device, like everything between here and the report.
        var norm = stack(squares).sum().sqrt();
        var factor = options.ClipNorm > 0 ? norm.reciprocal().Times(options.ClipNorm).AtMost(1).to(ScalarType.Float32) : null;
        InParallel(worker => Update(worker, results[0].Gradient, factor));
        report.Add(stack([.. results.Select(r => r.Losses)]).mean([0]), norm);
        foreach (var (gradient, losses) in results)
        {
            gradient.Dispose();
            losses.Dispose();
        }
        foreach (Tensor square in squares) square.Dispose();
        Step++;
    }

    /// <summary>Mean losses and gradient norm, before clipping, of the steps since the last call. Waits for the device.</summary>
    public (StepLosses Losses, double GradientNorm) Report() => report.Take();

    private (Tensor, Tensor) Differentiate(int worker)
    {
        using var gradient = enable_grad();
        var result = workers[worker].Run(weights, ahead == 0 ? Batch(Step, worker) : Prepared());
        return (result.Gradient.DetachFromDisposeScope(), result.Losses.DetachFromDisposeScope());
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
        for (long step = Step; step <= Step + ahead && step < Math.Max(EndStep, Step + 1); step++)
        {
            long wanted = step;
            if (!prepared.ContainsKey(step)) prepared[step] = Task.Run(() => Batch(wanted, 0));
        }
        prepared.Remove(Step, out var ready);
        return ready!.GetAwaiter().GetResult();
    }

    /// <summary>Turns a share of the first worker's gradient into the mean.</summary>
    /// <returns>() float64: the sum of its squares</returns>
    private Tensor Average(int worker, IReadOnlyList<(Tensor Gradient, Tensor Losses)> results)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var sum = zeros(1, ScalarType.Float64, weights.device);
        InShare(worker, range =>
        {
            var mean = range.Of(results[0].Gradient);
            for (int i = 1; i < results.Count; i++) mean.PlusInPlace(range.Of(results[i].Gradient));
            if (results.Count > 1) mean.TimesInPlace(1.0 / results.Count);
            sum.PlusInPlace(mean.dot(mean));
        });
        return sum.MoveToOuterDisposeScope().DetachFromDisposeScope();
    }

    private void Update(int worker, Tensor gradient, Tensor? factor)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        if (factor is not null) InShare(worker, range => range.Of(gradient).mul_(factor));
        Optimizer.Update(parameters.Flat, gradient, (Step, options.Schedule(Step, EndStep)), shares[worker]);
    }

    private void InShare(int worker, Action<FlatRange> work)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (FlatRange range in new[] { shares[worker].Matrices, shares[worker].Others })
            if (range.Length > 0) work(range);
    }

    private void InParallel(Action<int> work)
    {
        if (workers.Length == 1) Alone(0);
        else Parallel.For(0, workers.Length, new ParallelOptions { MaxDegreeOfParallelism = workers.Length }, Alone);

        void Alone(int worker)
        {
            LibtorchThreads.Set(1); // sums over two have other bits
            work(worker);
        }
    }

    public void Dispose()
    {
        Task.WaitAll([.. prepared.Values]); // they read the rows, whose files the caller closes
        foreach (ObjectiveStep worker in workers) worker.Dispose();
        if (!ReferenceEquals(weights, parameters.Flat)) weights.Dispose();
        parameters.Dispose();
        Optimizer.Dispose();
        report.Dispose();
    }
}
