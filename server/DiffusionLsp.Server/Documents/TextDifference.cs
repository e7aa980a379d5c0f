namespace DiffusionLsp.Server.Documents;

/// <summary>The one stretch in which two versions of a text differ; both are empty there when they are equal.</summary>
/// <param name="Start">Where it begins in both.</param>
/// <param name="OldEnd">Where it ends in the older text.</param>
/// <param name="NewEnd">Where it ends in the newer one.</param>
internal readonly record struct TextDifference(int Start, int OldEnd, int NewEnd)
{
    public static TextDifference Of(ReadOnlySpan<char> old, ReadOnlySpan<char> now)
    {
        int start = old.CommonPrefixLength(now), oldEnd = old.Length, newEnd = now.Length;
        for (; oldEnd > start && newEnd > start && old[oldEnd - 1] == now[newEnd - 1]; oldEnd--) newEnd--;
        return new TextDifference(start, oldEnd, newEnd);
    }
}
