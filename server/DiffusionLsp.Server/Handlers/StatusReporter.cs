using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Telemetry;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// Tells the client how it stands: <c>$/diffusion/status</c> on every change, a work-done progress while the model loads,
/// and <c>$/logTrace</c> lines if it wants them. A decode makes it "busy" when it takes long enough for somebody to notice.
/// Says nothing before <c>initialized</c>. It decides nothing.
/// </summary>
internal sealed class StatusReporter : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Noticed = TimeSpan.FromMilliseconds(100);

    private readonly JsonRpc client;
    private readonly ServerState state;
    private readonly ModelHost models;
    private readonly PostResponseQueue postResponse;
    private readonly ITimer noticed;
    private readonly Lock gate = new();
    private bool open;
    private int decodes; // under way; below 0 for a moment when one ended before it was told of
    private bool isBusy;
    private int progressNumber;
    private string? progressToken;
    private volatile string? begunToken; // the client has taken it
    private Task progress = Task.CompletedTask;
    private volatile InfillResult? lastDecode;
    private NothingParams? nothing;
    private StatusParams? last;

    public StatusReporter(JsonRpc client, ServerState state, ModelHost models, PostResponseQueue postResponse, Listeners listeners, TimeProvider time)
    {
        (this.client, this.state, this.models, this.postResponse) = (client, state, models, postResponse);
        noticed = time.CreateTimer(_ => Update(() => isBusy = Volatile.Read(ref decodes) > 0), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        listeners.On<ModelStatus>(_ => Update(() => { }));
        listeners.On<SettingsApplied>(_ => Update(() => nothing = null)); // they may have been the reason
        listeners.On<DecodeBegan>(_ => Began());
        listeners.On<DecodeEnded>(Ended);
        listeners.On<FinishedCompletion>(finished => Trace(finished.Line));
        listeners.On<FinishedCompletion>(Finished);
        listeners.On<DecodeStopped>(stopped =>
            Trace(string.Create(CultureInfo.InvariantCulture, $"decode stopped {stopped.After.TotalMilliseconds:0.00} ms after it was called off")));
        listeners.On<AnswerSent>(Answered);
    }

    /// <summary>The client is ready to listen.</summary>
    public void Open()
    {
        lock (gate)
        {
            open = true;
            Send();
        }
    }

    public void Dispose() => noticed.Dispose();

    private void Began()
    {
        if (Interlocked.Increment(ref decodes) == 1) noticed.Change(Noticed, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called on the decode thread, which neither writes a message here nor waits for one to be written.</summary>
    private void Ended(DecodeEnded ended)
    {
        lastDecode = ended.Completed ?? lastDecode;
        Interlocked.Decrement(ref decodes);
        postResponse.Enqueue(() => Update(() => isBusy &= Volatile.Read(ref decodes) > 0));
        postResponse.Run();
    }

    /// <summary>What an editor asked for; what is cancelled or overtaken says nothing of the place where the cursor is now.</summary>
    private void Finished(FinishedCompletion finished)
    {
        if (finished.Request.Source is not (CompletionSource.Inline or CompletionSource.List)) return;
        string? sentence = finished.Outcome is Nothing none ? NothingSentences.Of(finished.Request, none) : null;
        if (sentence is null && finished.Outcome is not Suggestion) return;
        NothingParams? now = finished.Outcome is Nothing { Reason: var reason }
            ? new NothingParams((finished.Request.Open ?? finished.Request.Document).ClientUri, JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), sentence!)
            : null;
        if (now != nothing) postResponse.Enqueue(() => Update(() => nothing = now));
    }

    /// <summary>The clock is one that every process of the machine shares: it is told to who measures.</summary>
    private void Answered(AnswerSent answer)
    {
        if (state.Trace != ClientTrace.Verbose) return;
        double at = answer.Timestamp * 1000.0 / Stopwatch.Frequency;
        Trace(string.Create(CultureInfo.InvariantCulture, $"answer {answer.Id} went out at {at:0.000} ms"));
    }

    /// <summary>Sent after the response, if the client wants it now.</summary>
    private void Trace(string line)
    {
        if (state.Trace != ClientTrace.Off) postResponse.Enqueue(() => Notify("$/logTrace", new LogTraceParams(line)));
    }

    private void Update(Action change)
    {
        lock (gate)
        {
            change();
            Send();
        }
    }

    private void Send()
    {
        if (!open) return;
        ModelStatus status = models.Status;
        var message = new StatusParams(
            Word(status.State), state.Settings.Enabled ? status.Message : "Completions are turned off (setting diffusionLsp.enabled).",
            status.Model?.Name, status.Model?.Device, state.Settings.Decode.Decoder,
            lastDecode is { } decode ? Math.Round(decode.Timings.Total, 1) : null, lastDecode?.Forwards, status.Progress, nothing);
        if (message == last) return;
        last = message;
        Notify("$/diffusion/status", message);
        if (state.Client.WorkDoneProgress) Progress(status);
    }

    private void Progress(ModelStatus status)
    {
        if (status.State == ModelState.Loading && progressToken is null)
        {
            string token = progressToken = $"diffusion-lsp/loading/{++progressNumber}";
            progress = progress.ContinueWith(_ => BeginAsync(token), TaskScheduler.Default).Unwrap();
        }
        else if (status is { State: ModelState.Loading, Progress: { } share } && progressToken is { } loading)
        {
            progress = progress.ContinueWith(_ => Progress(loading, new ProgressValue("report", Percentage: (int)Math.Round(100 * share))), TaskScheduler.Default);
        }
        else if (status.State is ModelState.Ready or ModelState.Error && progressToken is { } token)
        {
            progressToken = null;
            progress = progress.ContinueWith(_ => Progress(token, new ProgressValue("end", Message: status.Message)), TaskScheduler.Default);
        }
    }

    private void Progress(string token, ProgressValue value)
    {
        if (begunToken == token) Notify("$/progress", new ProgressParams(token, value));
    }

    private async Task BeginAsync(string token)
    {
        try
        {
            await client.InvokeWithParameterObjectAsync("window/workDoneProgress/create", new ProgressCreateParams(token))
                .WaitAsync(Patience).ConfigureAwait(false);
            begunToken = token;
            Progress(token, new ProgressValue("begin", "DiffusionLsp", "loading the model", 0));
        }
        catch (Exception e) when (e is RemoteRpcException or TimeoutException or ConnectionLostException or ObjectDisposedException or OperationCanceledException)
        {
            // A client that cannot show progress goes without.
        }
    }

    private void Notify(string method, object parameters)
    {
        if (client.IsDisposed) return; // queued work may run after the end
        _ = client.NotifyWithParameterObjectAsync(method, parameters).ContinueWith(
            t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private string Word(ModelState model)
    {
        if (!state.Settings.Enabled) return "off";
        if (model == ModelState.Ready && isBusy) return "busy";
        return model == ModelState.Unloaded ? "off" : model.ToString().ToLowerInvariant();
    }
}

/// <summary>An answer has gone out.</summary>
/// <param name="Timestamp">When, as <see cref="Stopwatch.GetTimestamp"/>.</param>
internal sealed record AnswerSent(RequestId Id, long Timestamp) : ServerEvent;
