namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>
/// The operations of a static step over fixed memory of one device. Addresses are device addresses; R is the number of rows of the bucket. Calls
/// are queued, or recorded while a graph is being captured.
/// </summary>
internal abstract class StepKernels
{
    /// <summary>x[r] ← table[ids[r]].</summary>
    /// <param name="ids">(R) int32</param>
    /// <param name="table">(V, D)</param>
    /// <param name="x">(R, D)</param>
    public abstract void Gather(nint ids, nint table, nint x, int rows, int width);

    /// <summary>y[r] ← RMS norm of x[pick[r]], times a weight.</summary>
    /// <param name="x">(·, D)</param>
    /// <param name="weight">(D)</param>
    /// <param name="y">(R, D)</param>
    /// <param name="pick">(R) int32; 0: row r itself</param>
    public abstract void RmsNorm(nint x, nint weight, nint y, nint pick, int rows, int width, float epsilon);

    public abstract void Multiply(StepProduct product);

    /// <summary>Normalises and rotates queries in place; stores values, and keys after the same treatment.</summary>
    public abstract void TurnAndStore(in StepHeads heads);

    /// <summary>Attention of every row over its sequence's stored rows.</summary>
    public abstract void Attend(in StepHeads heads);

    /// <summary>h ← silu(gate) · up.</summary>
    /// <param name="gateUp">(R, 2 · F)</param>
    /// <param name="h">(R, F)</param>
    public abstract void SiluMultiply(nint gateUp, nint h, int rows, int inner);

    /// <summary>The two most probable tokens and the entropy of scored rows.</summary>
    public abstract void Statistics(in StepStatistics statistics);
}

/// <summary>The memory of one layer's attention.</summary>
internal readonly record struct StepHeads
{
    public required int Rows { get; init; }

    /// <summary>(R, H + 2 · K, d): queries, keys and values of the rows fed.</summary>
    public required nint QueryKeyValue { get; init; }

    /// <summary>(H + K, d) weights of the heads' norms; 0: none.</summary>
    public required nint HeadNorm { get; init; }

    /// <summary>(P, r) both halves of the cosines.</summary>
    public required nint Cosines { get; init; }

    /// <summary>(P, r) both halves of the sines, the first negated.</summary>
    public required nint Sines { get; init; }

    /// <summary>(R) int32: columns of <see cref="StepInput"/>.</summary>
    public required nint Position { get; init; }

    /// <inheritdoc cref="Position"/>
    public required nint Store { get; init; }

    /// <inheritdoc cref="Position"/>
    public required nint First { get; init; }

    /// <inheritdoc cref="Position"/>
    public required nint Seen { get; init; }

    /// <summary>(K, total, d) keys of the arena.</summary>
    public required nint Keys { get; init; }

    /// <summary>(K, total, d) values of the arena.</summary>
    public required nint Values { get; init; }

    /// <summary>Rows of all slots together.</summary>
    public required long Total { get; init; }

    /// <summary>Query heads (H).</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads (K).</summary>
    public required int KeyHeads { get; init; }

    /// <summary>Width of a head (d).</summary>
    public required int Size { get; init; }

    /// <summary>Dimensions of a head that are rotated (r).</summary>
    public required int Rotated { get; init; }

    public required float Epsilon { get; init; }

    /// <summary>(R, H, splits, d + 2) float32: the contribution of each span.</summary>
    public required nint Partial { get; init; }

    public required int Splits { get; init; }

    /// <summary>(R, H · d): the result.</summary>
    public required nint Mixed { get; init; }

    /// <summary>The factor of the scores, 1/√d.</summary>
    public float Scale => 1 / MathF.Sqrt(Size);
}

/// <summary>The memory of the statistics of scored rows.</summary>
internal readonly record struct StepStatistics
{
    public required int Rows { get; init; }

    /// <summary>(S, V)</summary>
    public required nint Logits { get; init; }

    public required int Vocabulary { get; init; }

    /// <summary>(sets, ceil(V / 32)) uint32: a set bit excludes a token.</summary>
    public required nint Blocked { get; init; }

    /// <summary>(S) int32: which set each row uses.</summary>
    public required nint Set { get; init; }

    /// <summary>(S) int32 out: the most probable token, ties to the lowest id.</summary>
    public required nint Best { get; init; }

    /// <summary>(S, 3) float32 out: its probability, the runner-up's, and the entropy in nats.</summary>
    public required nint Numbers { get; init; }
}
