using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>What the rows of one forward may see: cached rows first, then the rows fed. Passed explicitly, never global.</summary>
/// <param name="Cache">Rows of earlier forwards of the one sequence that is fed, or null. This forward writes its own rows behind or between them.</param>
/// <param name="Mask">(T, cached + T) bool, true = may see; null: see <paramref name="Causal"/>.</param>
/// <param name="Causal">Without a mask: each row sees itself and the rows before it. False: everything. Needs an empty cache.</param>
internal sealed record AttentionScope(KeyValueSlot? Cache, Tensor? Mask, bool Causal)
{
    /// <summary>
    /// With a mask: this many leading rows are causal among themselves and the mask, (T − CausalRows, T), is for the
    /// others only. Saves two thirds of the scores when clean and noised rows are trained together.
    /// </summary>
    public long CausalRows { get; init; }

    /// <summary>(T) Instead of a mask: the end of what each row may see of the rows in the cache; null: it says nothing.</summary>
    public int[]? Limits { get; init; }

    /// <summary>The rows are those of several sequences, which are cached there; then neither cache nor mask is given. Null: one sequence.</summary>
    public PackedAttention? Packed { get; init; }

    /// <summary>Ends the forward between two layers.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Every row sees every row.</summary>
    public static AttentionScope Full { get; } = new(null, null, false);

    /// <summary>The same with a mask in the place of limits.</summary>
    /// <param name="device">Where the model is.</param>
    public AttentionScope WithMask(Device device) => Limits is null ? this : this with
    {
        Mask = HeldScalars.Range(0, Cache?.Seen ?? Limits.Length, device).unsqueeze(0) < tensor(Array.ConvertAll(Limits, limit => (long)limit), device: device).unsqueeze(1),
        Limits = null,
    };

    /// <summary>Each row sees itself and the rows before it.</summary>
    public static AttentionScope Strict { get; } = new(null, null, true);
}
