using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Looks one step ahead: when a suggestion has stood for a moment and nobody asked for anything else, what follows it is
/// decoded as if it had been accepted. One at a time, and given up as soon as a person's request arrives. It does not know
/// how decoding is done.
/// </summary>
internal sealed class Prefetch(TimeProvider time)
{
    /// <summary>Longer than between two keys, so that somebody who types pays nothing.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private CancellationTokenSource? current;

    /// <summary>Gives up what is planned or under way.</summary>
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

    /// <summary>Plans the request that follows an accepted suggestion, in place of what was planned before.</summary>
    /// <param name="decode">Called when it is time; its token is cancelled by <see cref="Stop"/>.</param>
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

    /// <summary>The document with the suggestion in place and the cursor behind it. What follows the end of a line is more lines.</summary>
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
