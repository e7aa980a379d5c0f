namespace DiffusionLsp.Server.Documents;

/// <summary>Detects a text's line endings. Pure.</summary>
internal static class LineEnding
{
    /// <summary>CRLF if most lines end with it, else LF.</summary>
    public static string Of(string text)
    {
        int pairs = 0, all = 0;
        for (int at = -1; (at = text.IndexOf('\n', at + 1)) >= 0; all++)
            if (at > 0 && text[at - 1] == '\r') pairs++;
        return pairs * 2 > all ? "\r\n" : "\n";
    }
}
