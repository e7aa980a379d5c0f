using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Makes something worth showing of a text that the budget cut off: whole lines if there are several, else whole words.
/// What ended by itself stays as it is. Pure.
/// </summary>
internal static class BestSoFar
{
    public static string Of(InfillResult result)
    {
        string text = result.Completion;
        if (result.StopReason is not StopReason.Budget) return text;
        int line = text.TrimEnd().LastIndexOf('\n');
        if (line > 0 && !string.IsNullOrWhiteSpace(text[..line])) return text[..line];
        int end = text.Length;
        while (end > 0 && (char.IsLetterOrDigit(text[end - 1]) || text[end - 1] == '_')) end--;
        string words = text[..end].TrimEnd();
        return words.Length > 0 ? words : text;
    }
}
