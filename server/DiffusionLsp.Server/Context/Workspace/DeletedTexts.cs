using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>
/// Text that was deleted or cut from open documents in the last minutes, because users move code. Larger pieces only, in memory only.
/// Written by the thread that changes documents, read by any.
/// </summary>
internal sealed class DeletedTexts(TimeProvider time)
{
    /// <summary>How long a text is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private const int Shortest = 24, Longest = 16 * 1024; // characters; less is typing, more is a replaced file
    private const int Most = 20;

    private ImmutableList<DeletedText> texts = [];
    private int number;

    /// <summary>Latest first.</summary>
    public IReadOnlyList<DeletedText> Recent => [.. Volatile.Read(ref texts).Where(t => time.GetElapsedTime(t.When) < Kept)];

    /// <summary>Records a change. While the user types it only compares two lengths.</summary>
    /// <returns>Whether a text was added.</returns>
    public bool Note(DocumentChange change)
    {
        if (change is not { Before: { } before, After: { } after } || before.Text.Length - after.Text.Length < Shortest) return false;
        (int start, int end, _) = TextDifference.Of(before.Text, after.Text);
        if (end - start is < Shortest or > Longest || before.Text.AsSpan(start, end - start).IsWhiteSpace()) return false;
        var added = new DeletedText($"deleted {++number}", change.Uri, before.Text[start..end], time.GetTimestamp());
        ImmutableList<DeletedText> all = texts.Insert(0, added);
        Volatile.Write(ref texts, all.Count > Most ? all.RemoveAt(Most) : all);
        return true;
    }
}

/// <summary>A deleted text.</summary>
/// <param name="Name">Unique, and different from any path.</param>
/// <param name="Uri">The document that contained it.</param>
internal sealed record DeletedText(string Name, string Uri, string Text, long When);
