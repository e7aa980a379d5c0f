using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// Tells the client how it stands: <c>$/diffusion/status</c> on every change, a work-done progress while the model loads,
/// and <c>$/logTrace</c> lines if it wants them. Says nothing before <c>initialized</c>. It decides nothing.
/// </summary>
internal sealed class StatusReporter(JsonRpc client, ServerState state, ModelHost models)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private bool open;
    private bool busy;
    private int progressNumber;
    private string? progressToken;
    private Task progress = Task.CompletedTask;
    private StatusParams? last;

    /// <summary>The client is ready to listen.</summary>
    public void Open()
    {
        lock (gate)
        {
            open = true;
            Send();
        }
    }

    public void OnModelChanged(ModelStatus status)
    {
        lock (gate) Send();
    }

    public void OnBusyChanged(bool isBusy)
    {
        lock (gate)
        {
            busy = isBusy;
            Send();
        }
    }

    public void OnCompletionFinished(string line)
    {
        if (state.Trace) Notify("$/logTrace", new LogTraceParams(line));
    }

    private void Send()
    {
        if (!open) return;
        ModelStatus status = models.Status;
        string word = status.State == ModelState.Ready && busy ? "busy" : status.State.ToString().ToLowerInvariant();
        var message = new StatusParams(word, status.Message, Model(status.Model));
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
        else if (status.State is ModelState.Ready or ModelState.Error && progressToken is { } token)
        {
            progressToken = null;
            progress = progress.ContinueWith(_ => Notify("$/progress", new ProgressParams(token, new ProgressValue("end", Message: status.Message))), TaskScheduler.Default);
        }
    }

    private async Task BeginAsync(string token)
    {
        try
        {
            await client.InvokeWithParameterObjectAsync("window/workDoneProgress/create", new ProgressCreateParams(token))
                .WaitAsync(Patience).ConfigureAwait(false);
            Notify("$/progress", new ProgressParams(token, new ProgressValue("begin", "DiffusionLsp", "loading the model")));
        }
        catch (Exception e) when (e is RemoteRpcException or TimeoutException or ConnectionLostException or ObjectDisposedException or OperationCanceledException)
        {
            // A client that cannot show progress goes without.
        }
    }

    private void Notify(string method, object parameters) =>
        _ = client.NotifyWithParameterObjectAsync(method, parameters).ContinueWith(
            t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static StatusModel? Model(ModelSummary? model) =>
        model is null ? null : new StatusModel(model.Name, model.Parameters, model.Device, model.DataType, model.Threads);
}
