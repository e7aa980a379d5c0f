using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Decodes under way, so that a request can join its predecessor's instead of starting over. A decode lives as long as
/// somebody waits for it: when the last one leaves, it is cancelled. It knows nothing of debounce, cache or engines.
/// </summary>
internal sealed class RunningDecodes(Listeners listeners, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<RunningDecode> running = [];

    /// <summary>Joins a decode for the same place whose text so far agrees with what was typed since, or returns null.</summary>
    public DecodeTicket? Join(CompletionRequest request)
    {
        lock (gate)
        {
            foreach (RunningDecode decode in running)
                if (decode.TypedSince(request) is { } typed && decode.Enter(typed) is { } ticket) return ticket;
        }
        return null;
    }

    /// <summary>Starts a decode with its first waiter.</summary>
    /// <param name="decode">Given where to report the text so far, and when to stop.</param>
    /// <param name="ended">Told when it has ended, after those who wait were.</param>
    public DecodeTicket Start(CompletionRequest request, bool singleLine, Func<Action<string>, CancellationToken, Task<InfillResult>> decode, Action<Task<InfillResult>> ended)
    {
        var started = new RunningDecode(request, singleLine, time);
        DecodeTicket ticket = started.Enter("")!;
        lock (gate) running.Add(started);
        _ = RunAsync(started, Begin(started, decode), ended);
        return ticket;
    }

    /// <summary>An engine that refuses at once ends the decode like one that fails later.</summary>
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

/// <summary>One decode and those who wait for it.</summary>
internal sealed class RunningDecode(CompletionRequest request, bool singleLine, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource source = new();
    private readonly List<DecodeTicket> waiting = [];
    private string written = "";
    private bool ended;

    public CancellationToken Token => source.Token;

    /// <summary>When the last one who waited left; null: somebody waits, or it had ended.</summary>
    public long? CalledOff { get; private set; }

    /// <summary>Whether it completes one line only.</summary>
    public bool SingleLine => singleLine;

    /// <summary>What the other request's cursor has before it that this one's had not; null when it is another place.</summary>
    public string? TypedSince(CompletionRequest other)
    {
        if (other.Document.Uri != request.Document.Uri || other.Ahead.Length > 0 || request.Ahead.Length > 0 || other.Open is not null || request.Open is not null || other.Offset < request.Offset) return null;
        if (!other.AsksAs(request)) return null;
        if (other.Trigger == CompletionTrigger.Invoked && request.Trigger == CompletionTrigger.Automatic) return null; // this one has a budget, that one none
        ReadOnlySpan<char> text = request.Document.Text, now = other.Document.Text;
        bool isSamePlace = now[..request.Offset].SequenceEqual(text[..request.Offset]) && now[other.Offset..].SequenceEqual(text[request.Offset..]);
        return isSamePlace ? ContextWindow.LineFeeds(other.Document.Text[request.Offset..other.Offset]) : null;
    }

    /// <summary>A place among those who wait, or null when it has ended or says something else already.</summary>
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

    /// <summary>The text so far. Who typed something else need not wait any longer.</summary>
    public void Report(string text)
    {
        lock (gate)
        {
            written = text;
            foreach (DecodeTicket ticket in waiting)
                if (!Agree(text, ticket.Typed)) ThreadPool.QueueUserWorkItem(_ => ticket.Answer.TrySetResult(null)); // not on the decode thread
        }
    }

    /// <summary>Passes on how the decode has ended. Who waits goes on here and now: an answer waits for no other thread.</summary>
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
            CalledOff = time.GetTimestamp(); // before the decode can see it
        }
        source.Cancel();
    }

    private static bool GoesOn(string text, string typed) =>
        typed.Length == 0 || (text.Length > typed.Length && text.StartsWith(typed, StringComparison.Ordinal));

    private static bool Agree(string text, string typed) =>
        text.Length < typed.Length ? typed.StartsWith(text, StringComparison.Ordinal) : text.StartsWith(typed, StringComparison.Ordinal);
}

/// <summary>One request's place at a decode. Leave it by disposing; the last to leave stops the decode.</summary>
internal sealed class DecodeTicket(RunningDecode decode, string typed) : IDisposable
{
    /// <summary>What was typed since the decode began.</summary>
    public string Typed { get; } = typed;

    /// <inheritdoc cref="RunningDecode.SingleLine"/>
    public bool SingleLine => decode.SingleLine;

    internal TaskCompletionSource<InfillResult?> Answer { get; } = new();

    /// <summary>The result, which begins with what was typed and goes on; null when the decode turned out to say something else, or no more. Cancelled by the token.</summary>
    public Task<InfillResult?> ResultAsync(CancellationToken cancellation) => Answer.Task.WaitAsync(cancellation);

    public void Dispose() => decode.Leave(this);
}
