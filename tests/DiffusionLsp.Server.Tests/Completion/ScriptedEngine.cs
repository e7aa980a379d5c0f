using System.Collections.Concurrent;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>
/// An engine that gives scripted answers when a test releases them. Used only where a test is about which request is answered
/// when; tests/clients tests what the real model writes.
/// </summary>
internal sealed class ScriptedEngine(Func<InfillRequest, string> answer) : ICompletionEngine
{
    private readonly ConcurrentQueue<InfillRequest> requests = new();
    private readonly SemaphoreSlim arrivals = new(0), cancellations = new(0);
    private readonly TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int cancelled;

    public ScriptedEngine(string answer) : this(_ => answer)
    {
    }

    /// <summary>If set, requests wait for it as if they were decoding.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public IReadOnlyList<InfillRequest> Requests => [.. requests];

    public List<DecodeOptions> Options { get; } = [];

    public int Cancelled => cancelled;

    /// <summary>Builds an index of other files' text with this tokenizer; null: the engine does not use one.</summary>
    public CodeTokenizer? Indexed { get; set; }

    public WorkspaceIndex.Builder? IndexBuilder() => Indexed is { } tokenizer ? new WorkspaceIndex.Builder(tokenizer) : null;

    /// <summary>Its answer if a temperature is set, by seed; null: the same as otherwise.</summary>
    public Func<int, string>? Drawn { get; set; }

    /// <summary>The confidence that it reports.</summary>
    public SuggestionConfidence Confidence { get; set; } = SuggestionConfidence.None;

    public ModelSummary Model { get; } = new("scripted", "/nowhere", "none", 0, 0, "cpu", "asked for", "float32", 1);

    public async Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        requests.Enqueue(request);
        lock (Options) Options.Add(options);
        arrivals.Release();
        try
        {
            await Hold.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref cancelled);
            cancellations.Release();
            throw;
        }
        return new InfillResult
        {
            Completion = options.Temperature > 0 && Drawn is { } drawn ? drawn(options.Seed) : answer(request), StopReason = StopReason.EndOfText, Forwards = 3, Tokens = 5, PromptTokens = 40, CachedPromptTokens = 30,
            Timings = new InfillTimings(0.1, 2, 3), Confidence = Confidence,
        };
    }

    /// <summary>The trace that it returns.</summary>
    public IReadOnlyList<TraceStep> Steps { get; init; } = [];

    public async Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        new(await InfillAsync(request, options, cancellation), options, Steps);

    /// <summary>Waits until another request has reached the engine.</summary>
    public async Task ArrivalAsync() => Assert.True(await arrivals.WaitAsync(TimeSpan.FromSeconds(10)), "no request reached the engine");

    /// <summary>Waits until another request was cancelled while decoding.</summary>
    public async Task CancellationAsync() => Assert.True(await cancellations.WaitAsync(TimeSpan.FromSeconds(10)), "no request was cancelled");

    /// <summary>Number of times it was disposed.</summary>
    public int Disposals { get; private set; }

    /// <summary>Waits until it is disposed.</summary>
    public async Task DisposalAsync() => await disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));

    public void Dispose()
    {
        Disposals++;
        disposed.TrySetResult();
    }
}
