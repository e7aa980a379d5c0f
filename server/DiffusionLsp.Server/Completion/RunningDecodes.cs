using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Running decodes, so that a request can join its predecessor's instead of starting over. A decode runs as long as a request
/// waits for it: when the last one leaves, it is cancelled. It knows nothing of debounce, cache or engines.
/// </summary>
internal sealed class RunningDecodes(Listeners listeners, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<RunningDecode> running = [];

    /// <summary>Joins a decode for the same position whose text so far is consistent with what was typed since; null: there is none.</summary>
    public DecodeTicket? Join(CompletionRequest request)
    {
        lock (gate)
        {
            foreach (RunningDecode decode in running)
                if (decode.TypedSince(request) is { } typed && decode.Enter(typed) is { } ticket) return ticket;
        }
        return null;
    }

    /// <summary>Starts a decode with its first waiting request.</summary>
    /// <param name="decode">Receives a callback for the text so far, and a token that stops it.</param>
    /// <param name="ended">Called when it has ended, after the waiting requests were notified.</param>
    public DecodeTicket Start(CompletionRequest request, bool singleLine, Func<Action<string>, CancellationToken, Task<InfillResult>> decode, Action<Task<InfillResult>> ended)
    {
        var started = new RunningDecode(request, singleLine, time);
        DecodeTicket ticket = started.Enter("")!;
        lock (gate) running.Add(started);
        _ = RunAsync(started, Begin(started, decode), ended);
        return ticket;
    }

    /// <summary>Treats an engine that throws immediately like one that fails later.</summary>
    private static Task<InfillResult> Begin(RunningDecode started, Func<Action<string>, CancellationToken, Task<InfillResult>> decode)
    {
        try
        {
            return decode(started.Report, started.Token);
        }
        catch (Exception e)
        {
            return Task.FromException<InfillResult>(e);
        }
    }

    private async Task RunAsync(RunningDecode started, Task<InfillResult> decode, Action<Task<InfillResult>> ended)
    {
        await decode.Settled();
        if (decode.IsCanceled && started.CalledOff is { } calledOff) listeners.Tell(new DecodeStopped(time.GetElapsedTime(calledOff)));
        lock (gate) running.Remove(started);
        started.End(decode);
        ended(decode);
    }
}

/// <summary>One decode and the requests that wait for it.</summary>
internal sealed class RunningDecode(CompletionRequest request, bool singleLine, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource source = new();
    private readonly List<DecodeTicket> waiting = [];
    private string written = "";
    private bool ended;

    public CancellationToken Token => source.Token;

    /// <summary>When the last waiting request left; null: a request still waits, or the decode had ended.</summary>
    public long? CalledOff { get; private set; }

    /// <summary>Whether it completes only one line.</summary>
    public bool SingleLine => singleLine;

    /// <summary>The text that the other request has before its cursor beyond this one's; null: it is at another position.</summary>
    public string? TypedSince(CompletionRequest other)
    {
        if (other.Document.Uri != request.Document.Uri || other.Ahead.Length > 0 || request.Ahead.Length > 0 || other.Open is not null || request.Open is not null || other.Offset < request.Offset) return null;
        if (!other.AsksAs(request)) return null;
        if (other.Trigger == CompletionTrigger.Invoked && request.Trigger == CompletionTrigger.Automatic) return null; // this decode has a latency budget, the explicit request has none
        ReadOnlySpan<char> text = request.Document.Text, now = other.Document.Text;
        bool isSamePlace = now[..request.Offset].SequenceEqual(text[..request.Offset]) && now[other.Offset..].SequenceEqual(text[request.Offset..]);
        return isSamePlace ? ContextWindow.LineFeeds(other.Document.Text[request.Offset..other.Offset]) : null;
    }

    /// <summary>A place among the waiting requests; null: the decode has ended or already contradicts what was typed.</summary>
    public DecodeTicket? Enter(string typed)
    {
        lock (gate)
        {
            if (ended || source.IsCancellationRequested || !Agree(written, typed)) return null;
            var ticket = new DecodeTicket(this, typed);
            waiting.Add(ticket);
            return ticket;
        }
    }

    /// <summary>Receives the text so far, and releases requests whose typed text it contradicts.</summary>
    public void Report(string text)
    {
        lock (gate)
        {
            written = text;
            foreach (DecodeTicket ticket in waiting)
                if (!Agree(text, ticket.Typed)) ThreadPool.QueueUserWorkItem(_ => ticket.Answer.TrySetResult(null)); // not on the decode thread
        }
    }

    /// <summary>Passes on the decode's result. Continuations run synchronously, so that an answer waits for no other thread.</summary>
    public void End(Task<InfillResult> decode)
    {
        DecodeTicket[] told;
        lock (gate)
        {
            ended = true;
            told = [.. waiting];
        }
        foreach (DecodeTicket ticket in told)
        {
            if (decode.IsCanceled) ticket.Answer.TrySetCanceled();
            else if (decode.IsFaulted) ticket.Answer.TrySetException(decode.Exception.InnerException!);
            else ticket.Answer.TrySetResult(GoesOn(decode.Result.Completion, ticket.Typed) ? decode.Result : null);
        }
    }

    public void Leave(DecodeTicket ticket)
    {
        lock (gate)
        {
            waiting.Remove(ticket);
            if (waiting.Count > 0 || ended) return;
            ended = true;
            CalledOff = time.GetTimestamp(); // before the decode can notice it
        }
        source.Cancel();
    }

    private static bool GoesOn(string text, string typed) =>
        typed.Length == 0 || (text.Length > typed.Length && text.StartsWith(typed, StringComparison.Ordinal));

    private static bool Agree(string text, string typed) =>
        text.Length < typed.Length ? typed.StartsWith(text, StringComparison.Ordinal) : text.StartsWith(typed, StringComparison.Ordinal);
}

/// <summary>A request's place in a running decode. Disposing leaves it; the last to leave cancels the decode.</summary>
internal sealed class DecodeTicket(RunningDecode decode, string typed) : IDisposable
{
    /// <summary>What was typed since the decode began.</summary>
    public string Typed { get; } = typed;

    /// <inheritdoc cref="RunningDecode.SingleLine"/>
    public bool SingleLine => decode.SingleLine;

    internal TaskCompletionSource<InfillResult?> Answer { get; } = new();

    /// <summary>The result, which begins with what was typed and continues it; null: the decode contradicts it or ends there. Cancelled by the token.</summary>
    public Task<InfillResult?> ResultAsync(CancellationToken cancellation) => Answer.Task.WaitAsync(cancellation);

    public void Dispose() => decode.Leave(this);
}
