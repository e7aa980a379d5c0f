using System.Globalization;
using System.Text;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tracing;

/// <summary>
/// The part of a trace's page that shows the model's confidence: for each token the probability that everything up to it is what
/// the user would write, and how much of the text each value of the setting <c>suggestions</c> shows.
/// </summary>
internal static class TraceConfidence
{
    /// <param name="completion">The model's text before post-processing.</param>
    /// <param name="write">Shows a text on one line, escaped for HTML.</param>
    public static void Write(StringBuilder html, string completion, SuggestionConfidence confidence, Func<string, string> write)
    {
        if (confidence.Tokens.Count == 0) return;
        (SuggestionMode Mode, double Threshold, int Length)[] shown =
        [
            .. Enum.GetValues<SuggestionMode>().Select(mode => (mode, confidence.Thresholds.For(mode))).Select(m => (m.mode, m.Item2, SuggestionCut.Length(completion, confidence, m.Item2))),
        ];
        html.Append("<div class=\"sure\"><div class=\"says\">estimated probability that everything up to and including this token is right</div>\n");
        int start = 0;
        foreach (TokenConfidence token in confidence.Tokens)
        {
            int end = Math.Clamp(token.End, start, completion.Length);
            if (end == start) continue; // the document already contains its text
            string probability = token.Probability.ToString("0.00", CultureInfo.InvariantCulture);
            html.Append(CultureInfo.InvariantCulture, $"<span class=\"chip\" style=\"--sure:{token.Probability:0.###}\" title=\"right up to here: {token.Probability:0.000}\"><code>{write(completion[start..end])}</code><small>{probability}</small></span>");
            foreach (var mode in shown.Where(m => m.Length > start && m.Length <= end)) html.Append("<span class=\"ends\">▏").Append(Name(mode.Mode)).Append("</span>");
            start = end;
        }
        html.Append("\n<dl>\n");
        foreach (var (mode, threshold, length) in shown)
            html.Append(CultureInfo.InvariantCulture, $"<div><dt>{Name(mode)}, from {threshold:0.00} on</dt><dd>{(length == 0 ? "nothing" : $"<code>{write(completion[..length])}</code>")}</dd></div>\n");
        html.Append("</dl></div>\n");
    }

    private static string Name(SuggestionMode mode) => mode.ToString().ToLowerInvariant();
}
