using System.Text.Json;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Serilog;
using StreamJsonRpc;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>diffusion.refill</c> with a URI and a range: rewrites the range through <c>workspace/applyEdit</c>, with a preview and
/// confirmation in clients that support it. If it fails, the user is told why in one sentence; a replacement for a document that
/// has changed in the meantime is not applied.
/// </summary>
internal sealed class RefillCommand(RefillSession session, ContextService related, DocumentStore documents, JsonRpc client, TimeProvider time, ILogger log) : IClientCommand
{
    public const string CommandName = "diffusion.refill";

    private const int Warning = 2;
    private const int Info = 3;
    private const string Label = "Refill selection";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Name => CommandName;

    public async Task RunAsync(IReadOnlyList<JsonElement> arguments, RequestContext context, CancellationToken cancellation)
    {
        (string uri, Range range) = Read(arguments);
        if (context.Find(uri) is not { } document)
        {
            await TellAsync(Warning, "The document is not open, so nothing was refilled.").ConfigureAwait(false);
            return;
        }
        if (!context.Client.ApplyEdit)
        {
            await TellAsync(Warning, "This editor does not support edits from a server (workspace/applyEdit), so nothing was refilled.").ConfigureAwait(false);
            return;
        }
        RefillOutcome outcome = await session.RefillAsync(RefillCalls.Request(document, range, null, context, related), cancellation).ConfigureAwait(false);
        if (outcome is RefillText refill) await ApplyAsync(document, refill, context.Client, cancellation).ConfigureAwait(false);
        else if (outcome is RefillNothing { Reason: not NothingReason.Superseded } nothing) await TellAsync(Info, nothing.Sentence).ConfigureAwait(false);
    }

    private async Task ApplyAsync(TextDocument document, RefillText refill, ClientFeatures features, CancellationToken cancellation)
    {
        if (!ReferenceEquals(documents.Find(document.Uri), document))
        {
            await TellAsync(Warning, "The document changed while the model was writing, so nothing was refilled; try again.").ConfigureAwait(false);
            return;
        }
        bool isShown = features.ConfirmsEdits;
        WorkspaceEdit edit = isShown ? RefillCalls.ToConfirm(document, refill, Label) : RefillCalls.Edit(document, refill, features);
        string? problem = await ProblemAsync(new ApplyEditParams(Label, edit), isShown, cancellation).ConfigureAwait(false);
        if (problem is not null)
        {
            log.Warning("{Problem:l}", problem);
            await TellAsync(Warning, problem).ConfigureAwait(false);
        }
        else if (!isShown && RefillCalls.Lines(document, refill) is var (old, now) && now < old)
            await TellAsync(Info, $"{old} lines became {now}; undo brings them back.").ConfigureAwait(false);
    }

    /// <summary>Why it is unknown whether the client applied the edit, as one sentence; null: it did.</summary>
    /// <param name="isShown">Whether the user is asked to confirm, which may take any amount of time and may be declined.</param>
    private async Task<string?> ProblemAsync(ApplyEditParams edit, bool isShown, CancellationToken cancellation)
    {
        try
        {
            Task<ApplyEditResult?> asked = client.InvokeWithParameterObjectAsync<ApplyEditResult?>("workspace/applyEdit", edit, cancellation);
            ApplyEditResult? answer = await asked.WaitAsync(isShown ? Timeout.InfiniteTimeSpan : Patience, time, cancellation).ConfigureAwait(false);
            return answer is { Applied: true } || (isShown && answer is { FailureReason: null or "" }) ? null : NotApplied(answer?.FailureReason);
        }
        catch (RemoteRpcException e) when (e is not RemoteSerializationException && e.InnerException is not JsonException)
        {
            return NotApplied(e.Message.ReplaceLineEndings(" "));
        }
        catch (Exception e) when (e is RemoteRpcException or JsonException)
        {
            return NotApplied("its answer is invalid");
        }
        catch (TimeoutException)
        {
            return $"The editor did not confirm the edit within {Patience.TotalSeconds:0} seconds; check whether the selection was refilled before you try again.";
        }
    }

    private static string NotApplied(string? reason) =>
        $"The editor did not apply the edit{(reason is { Length: > 0 } ? $" ({reason.TrimEnd('.')})" : "")}, so nothing was refilled; try again.";

    private static (string Uri, Range Range) Read(IReadOnlyList<JsonElement> arguments)
    {
        if (arguments is not [{ ValueKind: JsonValueKind.String } uri, { ValueKind: JsonValueKind.Object } range, ..])
            throw new InvalidParameters($"{CommandName} needs a document's URI and a range");
        return (JsonText.Read(uri), range.Deserialize<Range>(JsonRpcConnection.Options)!);
    }

    private Task TellAsync(int type, string sentence) => client.NotifyWithParameterObjectAsync("window/showMessage", new ShowMessageParams(type, sentence));
}
