namespace DiffusionLsp.Engine.Decoding;

/// <summary>A scorer that lives as long as its model, and may keep keys and values between requests.</summary>
internal interface IKeepingScorer : ICanvasScorer, IDisposable
{
    /// <summary>Longest sequence, in tokens.</summary>
    int Capacity { get; }

    /// <summary>How many leading tokens of a new sequence need no forward.</summary>
    int Reusable(ReadOnlySpan<int> sequence);

    /// <summary>Empties the cache.</summary>
    void Forget();
}
