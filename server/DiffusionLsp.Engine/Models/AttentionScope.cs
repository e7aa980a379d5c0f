using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>What the rows of one forward attend to: cached rows first, then the rows that are fed. Passed explicitly, never global.</summary>
/// <param name="Cache">K/V slot with earlier rows of the only sequence in the forward, or null. This forward writes its rows after or among them.</param>
/// <param name="Mask">(T, cached + T) bool, true = visible; null: see <paramref name="Causal"/>.</param>
/// <param name="Causal">Used without a mask, and only with an empty cache. True: each row sees itself and the rows before it; false: every row sees every row.</param>
internal sealed record AttentionScope(KeyValueSlot? Cache, Tensor? Mask, bool Causal)
{
    /// <summary>
    /// With a mask: the first CausalRows rows are causal among themselves, and the mask, (T − CausalRows, T), applies to the
    /// others only. Saves two thirds of the scores when clean and noised rows are trained together.
    /// </summary>
    public long CausalRows { get; init; }

    /// <summary>(T) Replaces a mask: row i sees the cached rows below Limits[i]. Null: no limits.</summary>
    public int[]? Limits { get; init; }

    /// <summary>Attention over rows of several sequences in an arena; then neither cache nor mask is set. Null: one sequence.</summary>
    public PackedAttention? Packed { get; init; }

    /// <summary>Ends the forward between two layers.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Every row sees every row.</summary>
    public static AttentionScope Full { get; } = new(null, null, false);

    /// <summary>The same scope with the limits as a mask.</summary>
    /// <param name="device">The model's device.</param>
    public AttentionScope WithMask(Device device) => Limits is null ? this : this with
    {
        Mask = HeldScalars.Range(0, Cache?.Seen ?? Limits.Length, device).unsqueeze(0) < tensor(Array.ConvertAll(Limits, limit => (long)limit), device: device).unsqueeze(1),
        Limits = null,
    };

    /// <summary>Each row sees itself and the rows before it.</summary>
    public static AttentionScope Strict { get; } = new(null, null, true);
}
