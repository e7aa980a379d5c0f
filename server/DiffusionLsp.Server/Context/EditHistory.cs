using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// Where open documents were changed recently, found by comparing the open documents with those at the last call. All changes
/// between two calls count as one, and typing costs nothing. Not thread-safe.
/// </summary>
internal sealed class EditHistory
{
    private const int MostEdits = 8;

    private readonly LinkedList<RecentEdit> edits = new();
    private ImmutableDictionary<string, TextDocument> seen = ImmutableDictionary<string, TextDocument>.Empty;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RecentEdit> Edits => [.. edits];

    /// <summary>Records what changed since the last call, and drops documents that are no longer open.</summary>
    public void Look(ImmutableDictionary<string, TextDocument> open)
    {
        foreach ((string uri, TextDocument now) in open)
            if (seen.GetValueOrDefault(uri) is { } before && !ReferenceEquals(before, now) && Difference(before, now) is { } edit) Add(edit);
        for (var node = edits.First; node is not null;)
        {
            var next = node.Next;
            if (!open.ContainsKey(node.Value.Uri)) edits.Remove(node);
            node = next;
        }
        seen = open;
    }

    private void Add(RecentEdit edit)
    {
        for (var node = edits.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Uri == edit.Uri && node.Value.Line <= edit.Line + edit.Lines && edit.Line <= node.Value.Line + node.Value.Lines) edits.Remove(node);
            node = next;
        }
        edits.AddFirst(edit);
        if (edits.Count > MostEdits) edits.RemoveLast();
    }

    private static RecentEdit? Difference(TextDocument before, TextDocument now)
    {
        (int start, int oldEnd, int end) = TextDifference.Of(before.Text, now.Text);
        if (start == oldEnd && start == end) return null;
        int first = now.Lines.Place(start).Line;
        return new RecentEdit(now.Uri, first, now.Lines.Place(end).Line - first + 1);
    }
}
