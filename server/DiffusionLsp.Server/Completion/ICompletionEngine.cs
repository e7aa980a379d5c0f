using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Server.Completion;

/// <summary>What the server asks of the engine: the seam at which tests put a scripted one. Thin on purpose.</summary>
internal interface ICompletionEngine : IDisposable
{
    /// <summary>What was loaded.</summary>
    ModelSummary Model { get; }

    /// <inheritdoc cref="InfillEngine.InfillPromptlyAsync"/>
    Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation);

    /// <summary>Waits for a while, where a request that follows begins soonest. By default that is anywhere.</summary>
    Task TurnAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellation) => Task.Delay(delay, time, cancellation);

    /// <summary>Requests that are decoded now; the others wait.</summary>
    int Running => 0;

    /// <inheritdoc cref="InfillEngine.TraceAsync"/>
    Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation);

    /// <inheritdoc cref="InfillEngine.IndexBuilder"/>
    WorkspaceIndex.Builder? IndexBuilder() => null;

    /// <summary>How it stands, in a sentence, where there is more to say than what was loaded.</summary>
    string? Notice => null;

    /// <summary>Whether it writes something else when a temperature is asked for.</summary>
    bool Draws => true;

    /// <summary>Whether it has time for what nobody asked for yet.</summary>
    bool DecodesAhead => true;

    /// <summary><see cref="Model"/> or <see cref="Notice"/> is another. On any thread.</summary>
    event Action? Changed
    {
        add { }
        remove { }
    }

    /// <summary>The index of texts that a request brings with it, the most helpful first; null: there are none, or the model has no use for them.</summary>
    WorkspaceIndex? Index(IReadOnlyList<RelatedText> texts) => texts.Count == 0 ? null : IndexBuilder()?.Of(texts);
}

/// <summary>The real engine behind the seam; adds nothing.</summary>
internal sealed class InfillEngineAdapter(InfillEngine engine) : ICompletionEngine
{
    public ModelSummary Model => engine.Model;

    public static ICompletionEngine Load(EngineOptions options, Action<double>? progress = null) => new InfillEngineAdapter(InfillEngine.Load(options, progress));

    public Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        engine.InfillPromptlyAsync(request, options, cancellation);

    public Task TurnAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellation) => engine.TurnAsync(delay, cancellation);

    public int Running => engine.Requests.Running;

    public Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        engine.TraceAsync(request, options, cancellation);

    public WorkspaceIndex.Builder? IndexBuilder() => engine.IndexBuilder();

    public void Dispose() => engine.Dispose();
}
