using DiffusionLsp.Engine.Models.CpuKernels;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Logits of some rows, (N, V), where they were computed: in a tensor or in host memory. The receiver disposes them.</summary>
internal abstract class Scores : IDisposable
{
    /// <summary>The score of a token that the model does not have: finite, so that a weight of 0 makes it 0.</summary>
    protected const float Lowest = -1e4f;

    /// <summary>Number of rows (N).</summary>
    public abstract int Rows { get; }

    /// <summary>Scores per row (V).</summary>
    public abstract int Vocabulary { get; }

    /// <summary>A view of consecutive rows, which must not outlive these scores. The caller disposes it.</summary>
    public abstract Scores Slice(int first, int count);

    /// <summary>A copy that the caller may keep.</summary>
    public abstract Scores Copy();

    /// <summary>A copy with another number of scores per row: columns beyond it are dropped, new ones get a very low score. The caller disposes it.</summary>
    public abstract Scores WithVocabulary(int vocabulary);

    /// <summary>Concatenates the rows of several scores on the same device. The caller disposes the result.</summary>
    /// <param name="parts">At least one.</param>
    public static Scores Joined(IReadOnlyList<Scores> parts) => parts[0].JoinedAs(parts);

    protected abstract Scores JoinedAs(IReadOnlyList<Scores> parts);

    /// <summary>(N, V) on a device; owned by the dispose scope or by these scores.</summary>
    public abstract Tensor On(Device device);

    /// <summary>The same in host memory. The caller disposes it, before these scores.</summary>
    public abstract HostScores OnHost();

    /// <summary>Waits until the computation has finished; for measurements.</summary>
    public abstract void Wait();

    public abstract void Dispose();
}
