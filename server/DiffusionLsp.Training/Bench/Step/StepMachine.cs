using System.Diagnostics;
using DiffusionLsp.Engine.Cuda;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Training.Bench.Forward;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Step;

/// <summary>What the parts of <c>bench step</c> share: the device, the driver, and a model of noise.</summary>
/// <param name="driver">Library to use as the CUDA driver; null: the system's.</param>
/// <param name="isQuick">Few repetitions.</param>
internal sealed class StepMachine(ComputeDevice compute, string shape, string? driver, bool isQuick) : IDisposable
{
    public string Shape => shape;

    public ModelConfig Config => BenchShape.All[shape];

    public bool IsGpu => compute.IsGpu;

    /// <summary>bfloat16 everywhere: the kernels know nothing else.</summary>
    public static ScalarType DataType => ScalarType.BFloat16;

    public ComputeDevice Compute => compute;

    public Device Device => compute.Device;

    /// <summary>Made at once, outside of every dispose scope.</summary>
    public NoiseModel Model { get; } = new(BenchShape.All[shape], compute.Device, DataType);

    public int Repetitions(int usual) => isQuick ? Math.Max(2, usual / 50) : usual;

    /// <summary>How long a measurement of the device is repeated.</summary>
    public TimeSpan Pass => TimeSpan.FromSeconds(isQuick ? 0 : 1);

    public CudaDriver Driver() => new(driver);

    /// <summary>A runner with static steps, and the device behind it.</summary>
    /// <param name="ownProducts">Whether a kernel of our own computes the products even where libtorch could.</param>
    public StepRunner Stepped(bool ownProducts = false) =>
        new(Plain(), Model.Transformer, new CudaStepDevice(Driver(), ownProducts || !IsGpu ? null : TorchStreams.Find()), notice => throw new InvalidOperationException(notice));

    public TensorRunner Plain() => new(Model.Transformer);

    /// <summary>Blocks nothing but the last token of the vocabulary.</summary>
    public TensorProposer Proposer() => new(new BlockedTokens(Config.VocabularySize, [Config.VocabularySize - 1]), Device);

    /// <summary>Rows of one sequence with changing tokens, behind a prefix that is stored already.</summary>
    /// <param name="rows">Rows fed, all scored.</param>
    /// <param name="seen">Rows seen at the end.</param>
    public RowPlan Plan(int rows, int seen, int seed = 0)
    {
        var random = new Random(seed * 7919 + rows);
        return new RowPlan([.. Enumerable.Range(0, rows).Select(_ => random.Next(Config.VocabularySize))], seen - rows, seen, null, 0, rows);
    }

    /// <summary>Stores keys and values of a sequence without scoring it; the same for every runner of the model.</summary>
    public void Fill(ModelRunner runner, KeyValueSlot slot, int rows)
    {
        if (rows > 0) runner.Score(new RowPlan([.. Enumerable.Range(0, rows).Select(i => i * 7919 % Config.VocabularySize)], 0, rows, null, rows - 1, 1), slot, null, CancellationToken.None).Dispose();
    }

    /// <summary>Median milliseconds of something that waits for its result.</summary>
    public double Median(int repetitions, Action run)
    {
        var times = new List<double>();
        for (int i = 0; i < repetitions + 2; i++)
        {
            var clock = Stopwatch.StartNew();
            run();
            if (i > 1) times.Add(clock.Elapsed.TotalMilliseconds);
        }
        return Percentiles.Of(times, 0.5);
    }

    /// <summary>Waits for everything that was launched.</summary>
    public void Wait()
    {
        if (IsGpu) cuda.synchronize();
    }

    public void Dispose() => Model.Dispose();
}
