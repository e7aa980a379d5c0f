using System.Diagnostics;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Remote.Dialects;

namespace DiffusionLsp.Server.Remote;

/// <summary>Fills holes with a remote engine. Text is sent only if its request allows it. It knows nothing of fallbacks.</summary>
internal sealed class RemoteEngine : IDisposable
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(700), Invoked = TimeSpan.FromSeconds(10);
    private static readonly string Session = Guid.NewGuid().ToString("N");

    private readonly RemoteOptions options;
    private readonly RemoteClient client;
    private readonly Lock gate = new();
    private Task<RemoteServer>? finding;

    /// <exception cref="EngineException">The settings are inconsistent.</exception>
    public RemoteEngine(RemoteOptions options)
    {
        this.options = options;
        Address = RemoteAddress.Of(options);
        if (Address.Base.Scheme == "https" && OpenSsl.Problem("An encrypted connection") is { } problem) throw new EngineException(problem);
        _ = RemoteKinds.Named(options);
        string? key = RemoteKey.Of(options);
        HasKey = key is not null;
        client = new RemoteClient(Address, key);
    }

    public RemoteAddress Address { get; }

    public bool HasKey { get; }

    /// <summary>The engine's kind and model; null: it has not answered yet.</summary>
    public RemoteServer? Server => finding is { IsCompletedSuccessfully: true } found ? found.Result : null;

    /// <summary>Queries the engine's kind and model, once.</summary>
    /// <exception cref="RemoteException">It does not answer, or is of no supported kind; the next call tries again.</exception>
    public Task<RemoteServer> FindAsync()
    {
        lock (gate)
        {
            if (finding is null or { IsFaulted: true } or { IsCanceled: true }) finding = FindNowAsync();
            return finding;
        }
    }

    /// <exception cref="RemoteException">The engine does not answer.</exception>
    public async Task ProbeAsync()
    {
        await RemoteServer.ProbeAsync(client, Address, CancellationToken.None).ConfigureAwait(false);
        await FindAsync().ConfigureAwait(false);
    }

    /// <exception cref="RemoteException">The engine did not answer, or must not be queried.</exception>
    /// <exception cref="OperationCanceledException">The caller no longer wants the text.</exception>
    public async Task<InfillResult> FillAsync(InfillRequest request, DecodeOptions decode, CancellationToken cancellation)
    {
        if (!request.MayLeave) throw new RemoteException(RemoteFailure.Private, "This file must not leave this machine");
        RemoteServer server = await FindAsync().WaitAsync(cancellation).ConfigureAwait(false);
        var hole = new RemoteHole
        {
            Model = server.Model,
            Prefix = request.Prefix,
            Suffix = request.Suffix,
            Path = request.Path,
            Language = request.Language,
            Related = options.Context ? request.Related : [],
            RelatedTokens = request.RelatedTokens,
            SingleLine = request.SingleLine,
            FindsEnd = request.UsesFimMiddle,
            Length = decode.Length,
            Budget = request.Budget ?? Invoked,
        };
        TimeSpan patience = request.Budget is { } budget ? budget + Slack : Invoked + Slack;
        IRemoteDialect dialect = server.Dialect;
        JsonObject body = dialect.Write(hole);
        string[] sent = [hole.Prefix, hole.Suffix, .. hole.Related.Select(text => text.Text)];
        long start = Stopwatch.GetTimestamp();
        (RemotePiece whole, StopReason? ended) = dialect.Streams
            ? await StreamedAsync(dialect, body, sent, hole, request, patience, cancellation).ConfigureAwait(false)
            : (dialect.Read(await client.PostAsync(dialect.Endpoint(Address), body, sent, patience, cancellation).ConfigureAwait(false)), null);
        return Result(whole, ended, hole, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public void Dispose() => client.Dispose();

    private async Task<RemoteServer> FindNowAsync()
    {
        RemoteServer server = await RemoteServer.FindAsync(client, Address, options, CancellationToken.None).ConfigureAwait(false);
        if (server.Dialect is DiffusionDialect) client.Session = Session;
        return server;
    }

    /// <summary>The text as far as it was wanted, and why it was cut short; null: it was not.</summary>
    private async Task<(RemotePiece Whole, StopReason? Ended)> StreamedAsync(
        IRemoteDialect dialect, JsonObject body, string[] sent, RemoteHole hole, InfillRequest request, TimeSpan patience, CancellationToken cancellation)
    {
        var whole = new RemotePiece("");
        long start = Stopwatch.GetTimestamp();
        try
        {
            await foreach (var json in client.StreamAsync(dialect.Endpoint(Address), body, sent, dialect.StreamsLines, patience, cancellation).ConfigureAwait(false))
            {
                whole = whole.Then(dialect.Read(json));
                if (whole.Stop is not null) continue; // the counts may follow
                if (hole.SingleLine && whole.Text.Contains('\n')) return (whole, StopReason.EndOfLine);
                if (request.Progress?.Invoke(whole.Text) is true) return (whole, StopReason.Enough);
                if (whole.Text.Length > 0 && Stopwatch.GetElapsedTime(start) > hole.Budget) return (whole, StopReason.Budget);
            }
            return whole.Stop is not null ? (whole, null)
                : throw new RemoteException(RemoteFailure.Unreachable, $"{Address.Host} disconnected in the middle of its answer");
        }
        catch (RemoteException e) when (e.Failure is RemoteFailure.Unreachable && whole.Text.Length > 0 && Stopwatch.GetElapsedTime(start) > hole.Budget)
        {
            return (whole, StopReason.Budget); // the engine hangs, but its text so far is usable
        }
    }

    /// <param name="milliseconds">From request to answer; the network's share counts as decoding.</param>
    private static InfillResult Result(RemotePiece whole, StopReason? ended, RemoteHole hole, double milliseconds)
    {
        int line = hole.SingleLine ? whole.Text.IndexOf('\n') : -1;
        double prompt = Math.Clamp(whole.Prompt ?? 0, 0, milliseconds);
        return new InfillResult
        {
            Completion = line < 0 ? whole.Text : whole.Text[..line],
            StopReason = line >= 0 ? StopReason.EndOfLine : ended ?? whole.Stop ?? StopReason.EndOfText,
            Forwards = whole.Forwards ?? whole.Tokens ?? 0,
            Tokens = whole.Tokens ?? 0,
            PromptTokens = whole.PromptTokens ?? 0,
            CachedPromptTokens = whole.CachedTokens ?? 0,
            Notice = whole.Notice,
            Confidence = whole.Confidence ?? SuggestionConfidence.None,
            Timings = new InfillTimings(0, prompt, milliseconds - prompt),
        };
    }
}
