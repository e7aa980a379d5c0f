namespace DiffusionLsp.Server.Tests;

/// <summary>Texts with the cursor drawn into them as ║.</summary>
internal static class Cursor
{
    private const char Mark = '║';

    /// <summary>The text without the marker, and its position.</summary>
    public static (string Text, int Offset) Split(string drawn)
    {
        int offset = drawn.IndexOf(Mark);
        Assert.True(offset >= 0 && drawn.IndexOf(Mark, offset + 1) < 0, "a case draws exactly one cursor");
        return (drawn.Remove(offset, 1), offset);
    }

    public static string Draw(string text, int offset) => text.Insert(offset, Mark.ToString());
}
