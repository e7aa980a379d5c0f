using System.Globalization;
using System.Text;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench;

/// <summary>Results of the keystroke benchmark. It measures nothing.</summary>
/// <param name="Keystrokes">Number of requests per variant.</param>
/// <param name="Different">Keystrokes at which the variants' texts differ; must be 0.</param>
/// <param name="Ways">The variants; the first is the warm one, to which the others are compared.</param>
internal sealed record KeystrokeReport(string Model, int ContextTokens, int Threads, int Keystrokes, int Different, IReadOnlyList<KeystrokeRow> Ways)
{
    /// <summary>The warm variant's median divided by that of each other one.</summary>
    public IReadOnlyDictionary<string, double> WarmOver => Ways.Skip(1).ToDictionary(w => w.Way, w => Ways[0].TotalP50 / w.TotalP50);

    /// <param name="keystrokes">For each keystroke one result per variant.</param>
    public static KeystrokeReport Of(ModelSummary model, int contextTokens, IReadOnlyList<string> ways, IReadOnlyList<InfillResult[]> keystrokes) => new(
        model.Name, contextTokens, model.Threads, keystrokes.Count,
        keystrokes.Count(k => k.Any(r => r.Completion != k[0].Completion)),
        [.. ways.Select((name, i) => KeystrokeRow.Of(name, [.. keystrokes.Select(k => k[i])]))]);

    /// <summary>Fixed-width text.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Model}, context of {ContextTokens} tokens, {Threads} threads, {Keystrokes} keystrokes\n");
        text.Append("            p50 ms   p95 ms   tokenise   prompt   decode   prompt tokens   cached   forwards   tokens\n");
        foreach (KeystrokeRow w in Ways)
            text.Append(CultureInfo.InvariantCulture, $"{w.Way,-9} {w.TotalP50,8:F1} {w.TotalP95,8:F1} {w.TokenizeP50,10:F2} {w.PromptP50,8:F1} {w.DecodeP50,8:F1} ")
                .Append(CultureInfo.InvariantCulture, $"{w.PromptTokens,15:F0} {w.CachedTokens,8:F0} {w.Forwards,10:F1} {w.Tokens,8:F1}\n");
        foreach ((string way, double ratio) in WarmOver) text.Append(CultureInfo.InvariantCulture, $"median of {Ways[0].Way} / {way}: {ratio:F3}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Different} of {Keystrokes} keystrokes completed differently\n");
        return text.ToString();
    }
}

/// <summary>One variant: medians of milliseconds by phase, means of counts.</summary>
internal sealed record KeystrokeRow(string Way, double TotalP50, double TotalP95, double TokenizeP50, double PromptP50, double DecodeP50,
    double PromptTokens, double CachedTokens, double Forwards, double Tokens)
{
    public static KeystrokeRow Of(string way, IReadOnlyList<InfillResult> results)
    {
        double P(Func<InfillTimings, double> phase, double share) => Percentiles.Of(results.Select(r => phase(r.Timings)), share);
        return new KeystrokeRow(way, P(t => t.Total, 0.5), P(t => t.Total, 0.95), P(t => t.Tokenize, 0.5), P(t => t.Prompt, 0.5), P(t => t.Decode, 0.5),
            results.Average(r => r.PromptTokens), results.Average(r => r.CachedPromptTokens), results.Average(r => r.Forwards), results.Average(r => r.Tokens));
    }
}
