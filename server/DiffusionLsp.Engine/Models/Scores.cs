using DiffusionLsp.Engine.Models.CpuKernels;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Scores of some rows, (N, V), where they were computed: in a tensor, or in the host's memory. Whoever got them disposes them.</summary>
internal abstract class Scores : IDisposable
{
    /// <summary>How many rows (N).</summary>
    public abstract int Rows { get; }

    /// <summary>Some of the rows, one after the other: a view that must not outlive these scores. The caller disposes it.</summary>
    public abstract Scores Slice(int first, int count);

    /// <summary>The same numbers, for the caller to keep.</summary>
    public abstract Scores Copy();

    /// <summary>The rows of several, computed in the same place, one after the other. The caller disposes the result.</summary>
    /// <param name="parts">At least one.</param>
    public static Scores Joined(IReadOnlyList<Scores> parts) => parts[0].JoinedAs(parts);

    protected abstract Scores JoinedAs(IReadOnlyList<Scores> parts);

    /// <summary>(N, V) on a device; the dispose scope's, or these scores' own.</summary>
    public abstract Tensor On(Device device);

    /// <summary>The same in the host's memory. The caller disposes it, before these scores.</summary>
    public abstract HostScores OnHost();

    /// <summary>Waits until they are computed, for measurements.</summary>
    public abstract void Wait();

    public abstract void Dispose();
}
