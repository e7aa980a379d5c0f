using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>Executes static steps at once, in plain C# over the host's memory.</summary>
internal sealed unsafe class ReferenceStepDevice : IStepDevice
{
    private readonly ReferenceKernels kernels = new();
    private readonly int[] input = GC.AllocateArray<int>(StepInput.Columns * StepBucket.MostRows, pinned: true);

    /// <summary>The buckets executed, in order.</summary>
    public List<StepBucket> Buckets { get; } = [];

    public int Forgotten { get; private set; }

    public string? Unsupported(ModelConfig config) => null;

    public StepInput Input(int rows) => new(Marshal.UnsafeAddrOfPinnedArrayElement(input, 0), rows);

    public void Execute(StaticStep step, StepBucket bucket)
    {
        Buckets.Add(bucket);
        input.AsSpan(0, StepInput.Columns * bucket.Rows).CopyTo(new Span<int>((int*)step.Block, input.Length));
        step.Run(kernels, bucket);
    }

    public RowStatistics[] Statistics(StaticStep step, int first, ReadOnlySpan<int> sets, nint blocked)
    {
        sets.CopyTo(new Span<int>((int*)step.StatisticsBlock, StepBucket.MostRows));
        StepStatistics at = step.StatisticsOf(first, sets.Length, blocked);
        kernels.Statistics(at);
        return [.. Enumerable.Range(0, sets.Length).Select(i => new RowStatistics(((int*)at.Best)[i], ((float*)at.Numbers)[3 * i], ((float*)at.Numbers)[3 * i + 1], ((float*)at.Numbers)[3 * i + 2]))];
    }

    public void Wait()
    {
    }

    public void Forget() => Forgotten++;

    public void Dispose()
    {
    }
}
