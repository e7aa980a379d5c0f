namespace DiffusionLsp.Server.Documents;

/// <summary>The single range in which two versions of a text differ; empty in both if they are equal.</summary>
/// <param name="Start">Start offset in both.</param>
/// <param name="OldEnd">End offset in the older text.</param>
/// <param name="NewEnd">End offset in the newer text.</param>
internal readonly record struct TextDifference(int Start, int OldEnd, int NewEnd)
{
    public static TextDifference Of(ReadOnlySpan<char> old, ReadOnlySpan<char> now)
    {
        int start = old.CommonPrefixLength(now), oldEnd = old.Length, newEnd = now.Length;
        for (; oldEnd > start && newEnd > start && old[oldEnd - 1] == now[newEnd - 1]; oldEnd--) newEnd--;
        return new TextDifference(start, oldEnd, newEnd);
    }
}
