using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Server.Completion;

/// <summary>What the server needs from an engine; tests substitute a scripted one. Deliberately thin.</summary>
internal interface ICompletionEngine : IDisposable
{
    /// <summary>The loaded model.</summary>
    ModelSummary Model { get; }

    /// <inheritdoc cref="InfillEngine.InfillPromptlyAsync"/>
    Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation);

    /// <summary>Waits for a delay, then continues where a subsequent request starts soonest; by default on any thread.</summary>
    Task TurnAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellation) => Task.Delay(delay, time, cancellation);

    /// <summary>Number of requests being decoded; others wait.</summary>
    int Running => 0;

    /// <inheritdoc cref="InfillEngine.TraceAsync"/>
    Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation);

    /// <inheritdoc cref="InfillEngine.IndexBuilder"/>
    WorkspaceIndex.Builder? IndexBuilder() => null;

    /// <summary>The engine's state as a sentence, if there is more to say than which model is loaded.</summary>
    string? Notice => null;

    /// <summary>Whether a temperature above 0 changes its text.</summary>
    bool Draws => true;

    /// <summary>Whether it has capacity for prefetches.</summary>
    bool DecodesAhead => true;

    /// <summary><see cref="Model"/> or <see cref="Notice"/> has changed. Raised on any thread.</summary>
    event Action? Changed
    {
        add { }
        remove { }
    }

    /// <summary>The n-gram index of the texts in a request, most helpful first; null: there are none, or the model does not use one.</summary>
    WorkspaceIndex? Index(IReadOnlyList<RelatedText> texts) => texts.Count == 0 ? null : IndexBuilder()?.Of(texts);
}

/// <summary>The real engine behind the interface; adds nothing.</summary>
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
