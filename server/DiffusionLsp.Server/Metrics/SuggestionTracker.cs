using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// Infers the outcomes of suggestions from edits, since editors do not report what they show or accept: a prefix of the suggestion that
/// appears in one edit was accepted, one that grows keystroke by keystroke was typed, and anything else means that the user wrote
/// something else. A suggestion that was valid for a quarter of a second counts as shown.
/// </summary>
internal sealed class SuggestionTracker(Listeners listeners, TimeProvider time)
{
    private const int FewestAtOnce = 3; // below that, an editor's automatic closing bracket looks the same
    private static readonly TimeSpan Visible = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Offer> offers = [];

    /// <summary>Notes the answer to a request for ghost text.</summary>
    public void Offered(CompletionRequest request, Suggestion suggestion)
    {
        lock (gate)
        {
            if (offers.TryGetValue(request.Document.Uri, out Offer? old))
            {
                if (old.IsContinuedBy(request, suggestion))
                {
                    old.Number = suggestion.Number;
                    old.Others = suggestion.Others;
                    return;
                }
                Dismiss(old);
            }
            offers[request.Document.Uri] = new Offer(request, suggestion, time.GetTimestamp()) { Number = suggestion.Number, Others = suggestion.Others };
        }
    }

    /// <summary>Notes that a document was opened, changed or closed.</summary>
    public void Changed(DocumentChange change)
    {
        lock (gate)
        {
            if (!offers.TryGetValue(change.Uri, out Offer? offer)) return;
            if (change.After is not { } after || change.Before is null) offers.Remove(change.Uri);
            else if (offer.IsReplacedIn(after)) Complete(offer, offer.Text.Length - offer.Covered);
            else if (offer.OtherIn(after) is { } other) End(other, SuggestionOutcome.Accepted, other.Text.Length);
            else if (offer.InsertedIn(after) is not { } inserted) Dismiss(offer);
            else if (inserted.StartsWith(offer.Text, StringComparison.Ordinal)) Complete(offer, offer.Text.Length - offer.Covered);
            else if (offer.Text.StartsWith(inserted, StringComparison.Ordinal)) Continue(offer, inserted.Length);
            else Dismiss(offer);
        }
    }

    /// <summary>Notes the client's report that it accepted the suggestion with this number.</summary>
    public void Accepted(int number)
    {
        lock (gate)
        {
            Offer? offer = offers.Values.FirstOrDefault(o => o.Number == number);
            if (offer is not null) End(offer, SuggestionOutcome.Accepted, offer.Text.Length - offer.Covered);
        }
    }

    private void Complete(Offer offer, int atOnce)
    {
        if (atOnce >= FewestAtOnce || atOnce == offer.Text.Length)
        {
            End(offer, SuggestionOutcome.Accepted, atOnce);
            return;
        }
        offers.Remove(offer.Uri);
        if (Show(offer, isCertain: false)) listeners.Tell(new SuggestionTyped(Tracked(offer)));
    }

    private void Continue(Offer offer, int covered)
    {
        int atOnce = covered - offer.Covered;
        offer.Covered = covered;
        if (atOnce < FewestAtOnce) return;
        Show(offer, isCertain: true);
        listeners.Tell(new SuggestionEnded(Tracked(offer), SuggestionOutcome.PartiallyAccepted, atOnce));
    }

    private void Dismiss(Offer offer)
    {
        offers.Remove(offer.Uri);
        if (Show(offer, isCertain: false)) listeners.Tell(new SuggestionEnded(Tracked(offer), SuggestionOutcome.Dismissed, 0));
    }

    private void End(Offer offer, SuggestionOutcome outcome, int atOnce)
    {
        offers.Remove(offer.Uri);
        Show(offer, isCertain: true);
        listeners.Tell(new SuggestionEnded(Tracked(offer), outcome, atOnce));
    }

    /// <summary>Whether it was shown; reports it once.</summary>
    private bool Show(Offer offer, bool isCertain)
    {
        if (!offer.IsShown && !isCertain && time.GetElapsedTime(offer.Since) < Visible) return false;
        if (!offer.IsShown) listeners.Tell(new SuggestionShown(Tracked(offer)));
        offer.IsShown = true;
        return true;
    }

    private TrackedSuggestion Tracked(Offer offer) => new(offer.Request, offer.Suggestion, time.GetElapsedTime(offer.Since));

    private sealed class Offer(CompletionRequest request, Suggestion suggestion, long since)
    {
        public CompletionRequest Request => request;
        public Suggestion Suggestion => suggestion;
        public long Since => since;
        public string Uri => request.Document.Uri;
        public string Text { get; } = request.Ahead + suggestion.Text;

        /// <summary>The number of the latest answer that offered it.</summary>
        public int Number { get; set; }

        /// <summary>How many of its characters are in the document.</summary>
        public int Covered { get; set; }

        public bool IsShown { get; set; }

        /// <summary>What was offered alongside it.</summary>
        public IReadOnlyList<Suggestion> Others { get; set; } = [];

        /// <summary>One of the others that a later text contains in full.</summary>
        public Offer? OtherIn(TextDocument later) =>
            Others.Select(other => new Offer(request, other, since)).FirstOrDefault(other => other.IsReplacedIn(later) || other.InsertedIn(later) == other.Text);

        /// <summary>Whether a later answer offers the rest of this one.</summary>
        public bool IsContinuedBy(CompletionRequest later, Suggestion rest) =>
            InsertedIn(later.Document) is { } typed && later.Offset - request.Offset >= typed.Length && typed + later.Ahead + rest.Text == Text;

        /// <summary>Whether a later text contains the whole suggestion in place of what it replaces.</summary>
        public bool IsReplacedIn(TextDocument later)
        {
            if (suggestion.Replaced == 0) return false;
            string then = request.Document.Text, now = ContextWindow.LineFeeds(later.Text);
            string wanted = string.Concat(then.AsSpan(0, request.Offset), Text, then.AsSpan(request.Offset + suggestion.Replaced));
            return now == ContextWindow.LineFeeds(wanted);
        }

        /// <summary>What a later text contains where this suggestion was offered; null: the surrounding text has changed.</summary>
        public string? InsertedIn(TextDocument later)
        {
            ReadOnlySpan<char> then = request.Document.Text, now = later.Text;
            int after = then.Length - request.Offset, end = now.Length - after;
            bool isSamePlace = end >= request.Offset && now[..request.Offset].SequenceEqual(then[..request.Offset]) && now[end..].SequenceEqual(then[request.Offset..]);
            return isSamePlace ? ContextWindow.LineFeeds(later.Text[request.Offset..end]) : null;
        }
    }
}

/// <summary>A suggestion, and how long ago it was first offered.</summary>
internal sealed record TrackedSuggestion(CompletionRequest Request, Suggestion Suggestion, TimeSpan Age);

/// <summary>A suggestion is known to have been shown.</summary>
internal sealed record SuggestionShown(TrackedSuggestion Tracked) : ServerEvent;

/// <summary>A shown suggestion was typed to its end.</summary>
internal sealed record SuggestionTyped(TrackedSuggestion Tracked) : ServerEvent;

/// <summary>A shown suggestion ended in another way.</summary>
/// <param name="Characters">How many of its characters were accepted at once.</param>
internal sealed record SuggestionEnded(TrackedSuggestion Tracked, SuggestionOutcome Outcome, int Characters) : ServerEvent;
