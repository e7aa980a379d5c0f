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
/// Reports the server's status to the client: <c>$/diffusion/status</c> on every change, work-done progress while the model
/// loads, and <c>$/logTrace</c> lines if enabled. A decode counts as "busy" once it takes long enough to be noticed. Sends
/// nothing before <c>initialized</c>. It decides nothing.
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
    private int decodes; // running; briefly negative if the end of one was reported before its start
    private bool isBusy;
    private int progressNumber;
    private string? progressToken;
    private volatile string? begunToken; // accepted by the client
    private Task progress = Task.CompletedTask;
    private volatile InfillResult? lastDecode;
    private NothingParams? nothing;
    private StatusParams? last;

    public StatusReporter(JsonRpc client, ServerState state, ModelHost models, PostResponseQueue postResponse, Listeners listeners, TimeProvider time)
    {
        (this.client, this.state, this.models, this.postResponse) = (client, state, models, postResponse);
        noticed = time.CreateTimer(_ => Update(() => isBusy = Volatile.Read(ref decodes) > 0), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        listeners.On<ModelStatus>(_ => Update(() => { }));
        listeners.On<SettingsApplied>(_ => Update(() => nothing = null)); // the old ones may have been the reason
        listeners.On<DecodeBegan>(_ => Began());
        listeners.On<DecodeEnded>(Ended);
        listeners.On<FinishedCompletion>(finished => Trace(finished.Line));
        listeners.On<FinishedCompletion>(Finished);
        listeners.On<DecodeStopped>(stopped =>
            Trace(string.Create(CultureInfo.InvariantCulture, $"decode stopped {stopped.After.TotalMilliseconds:0.00} ms after it was called off")));
        listeners.On<AnswerSent>(Answered);
    }

    /// <summary>The client is ready to receive messages.</summary>
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

    /// <summary>Called on the decode thread, which must not write messages or wait for them to be written.</summary>
    private void Ended(DecodeEnded ended)
    {
        lastDecode = ended.Completed ?? lastDecode;
        Interlocked.Decrement(ref decodes);
        postResponse.Enqueue(() => Update(() => isBusy &= Volatile.Read(ref decodes) > 0));
        postResponse.Run();
    }

    /// <summary>Handles an editor's request; cancelled and superseded ones say nothing about the current position.</summary>
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

    /// <summary>Uses the machine's monotonic clock, which measuring processes share.</summary>
    private void Answered(AnswerSent answer)
    {
        if (state.Trace != ClientTrace.Verbose) return;
        double at = answer.Timestamp * 1000.0 / Stopwatch.Frequency;
        Trace(string.Create(CultureInfo.InvariantCulture, $"answer {answer.Id} went out at {at:0.000} ms"));
    }

    /// <summary>Sends the message after the response, if the client wants it then.</summary>
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
            // A client that cannot show progress gets none.
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

/// <summary>An answer was sent.</summary>
/// <param name="Timestamp">Its time, as <see cref="Stopwatch.GetTimestamp"/>.</param>
internal sealed record AnswerSent(RequestId Id, long Timestamp) : ServerEvent;
