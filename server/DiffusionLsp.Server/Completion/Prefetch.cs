using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Prefetches one step ahead: when a suggestion has been shown for a moment without another request, what follows it is decoded
/// as if it had been accepted. One at a time, and cancelled as soon as a request from the user arrives. It does not know how
/// decoding is done.
/// </summary>
internal sealed class Prefetch(TimeProvider time)
{
    /// <summary>Longer than the time between two keys, so that it costs nothing while the user types.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private CancellationTokenSource? current;

    /// <summary>Cancels what is scheduled or running.</summary>
    public void Stop()
    {
        CancellationTokenSource? stopped;
        lock (gate)
        {
            stopped = current;
            current = null;
        }
        stopped?.Cancel();
    }

    /// <summary>Schedules the request that would follow an accepted suggestion; replaces an earlier one.</summary>
    /// <param name="decode">Called when it is due; its token is cancelled by <see cref="Stop"/>.</param>
    public void Plan(CompletionRequest request, Suggestion suggestion, Func<CompletionRequest, CancellationToken, Task> decode)
    {
        if (!request.Settings.Prefetch || request.Settings.Multiline == Tristate.Never || request.Ahead.Length > 0 || request.Open is not null) return;
        var source = new CancellationTokenSource();
        CancellationTokenSource? stopped;
        lock (gate)
        {
            stopped = current;
            current = source;
        }
        stopped?.Cancel();
        CompletionRequest ahead = AsIfAccepted(request, suggestion);
        _ = Task.Run(async () =>
        {
            await Task.Delay(Calm, time, source.Token).Settled();
            if (!source.IsCancellationRequested) await decode(ahead, source.Token).ConfigureAwait(false);
        });
    }

    /// <summary>The document with the suggestion inserted and the cursor after it. At the end of a line, further lines are completed.</summary>
    internal static CompletionRequest AsIfAccepted(CompletionRequest request, Suggestion suggestion)
    {
        TextDocument document = request.Document;
        string inserted = document.Text.Contains("\r\n", StringComparison.Ordinal) ? suggestion.Text.Replace("\n", "\r\n", StringComparison.Ordinal) : suggestion.Text;
        return request with
        {
            Document = document.WithText(document.Version, document.Text.Remove(request.Offset, suggestion.Replaced).Insert(request.Offset, inserted)),
            Offset = request.Offset + inserted.Length,
            Trigger = CompletionTrigger.Automatic,
            Source = CompletionSource.Prefetch,
            SingleLine = string.IsNullOrWhiteSpace(request.RestOfLine[suggestion.Replaced..]) ? false : null,
        };
    }
}
