using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Tracing;

/// <summary>
/// Renders a decode as one HTML page without external resources: figures, the canvas with the text around it, the model's
/// confidence, and every step. All text is escaped here; the script only shows and hides parts of the page. It knows no engine.
/// </summary>
internal static class TracePage
{
    private const int LinesAround = 6;
    private const string End = "<span class=\"end\">■</span>";

    private static readonly Regex SpaceRun = new(" {3,}", RegexOptions.NonBacktracking);
    private static readonly string Style = Resource("trace.css"), Script = Resource("trace.js");

    public static string Render(TracedDecode decode)
    {
        string nonce = Guid.NewGuid().ToString("N");
        var html = new StringBuilder();
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Escape(Title(decode))}</title>
            <style>
            {Style}</style>
            </head>
            <body>
            <h1>{Escape(Title(decode))}</h1>

            """.ReplaceLineEndings("\n"));
        Figures(html, decode);
        Controls(html, decode.Trace.Steps.Count);
        Canvas(html, decode);
        TraceConfidence.Write(html, decode.Trace.Result.Completion, decode.Trace.Result.Confidence, text => Escape(Visible(text)));
        Steps(html, decode.Trace.Steps, decode.Trace.Options.Length);
        html.Append("<script nonce=\"").Append(nonce).Append("\">\n").Append(Script).Append("</script>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static string Title(TracedDecode decode) => $"Decoding {decode.Path ?? "a document"}";

    private static void Figures(StringBuilder html, TracedDecode decode)
    {
        var (result, options) = (decode.Trace.Result, decode.Trace.Options);
        (string Name, string Value)[] figures =
        [
            ("model passes", Number(result.Forwards)), ("tokens", Number(result.Tokens)),
            ("tokens per pass", Number(result.Tokens / (double)Math.Max(1, result.Forwards), "0.00")),
            ("milliseconds", Number(result.Timings.Total, "0.0")),
            ("decoder", options.Decoder), ("cache", options.Cache.ToString().ToLowerInvariant()), ("block", Number(options.BlockLength)), ("end of text", options.EndOfText),
            ("canvas", $"{options.Length} masks"), ("stopped by", result.StopReason.ToString()),
            ("prompt", $"{result.PromptTokens} tokens, {result.CachedPromptTokens} cached"),
            ("model", $"{decode.Model.Name} ({Number(decode.Model.Parameters / 1e6, "0.0")} M, {decode.Model.Device})"),
        ];
        html.Append("<dl>\n");
        foreach (var (name, value) in figures) html.Append("<div><dt>").Append(Escape(name)).Append("</dt><dd>").Append(Escape(value)).Append("</dd></div>\n");
        html.Append("</dl>\n");
    }

    private static void Controls(StringBuilder html, int steps) => html.Append(string.Create(CultureInfo.InvariantCulture, $"""
        <div class="controls">
        <button id="back" title="previous step (←)">◀</button>
        <input id="step" type="range" min="0" max="{steps}" value="{steps}" aria-label="step">
        <button id="on" title="next step (→)">▶</button>
        <output id="at">after step {steps} of {steps}</output>
        <span class="legend"><span class="early">first step</span><span class="late">last step</span><span class="unsure">unsure</span><span class="score">filter</span><span class="cut">given up</span></span>
        </div>

        """).ReplaceLineEndings("\n"));

    /// <summary>The text before, every canvas position with all its proposals, the text after.</summary>
    private static void Canvas(StringBuilder html, TracedDecode decode)
    {
        IReadOnlyList<TracedPosition> positions = TracedPosition.Of(decode.Trace);
        string[] before = decode.Request.Prefix[..^decode.Trace.Rewritten].Split('\n'), after = decode.Request.Suffix.Split('\n');
        html.Append("<pre class=\"code\"><span class=\"around\">").Append(Escape(string.Join('\n', before.TakeLast(LinesAround)))).Append("</span>");
        foreach (TracedPosition position in positions) Position(html, position, decode.Trace.Steps.Count);
        html.Append("<span class=\"around\">").Append(Escape(string.Join('\n', after.Take(LinesAround)))).Append("</span></pre>\n");
    }

    private static void Position(StringBuilder html, TracedPosition position, int steps)
    {
        html.Append(CultureInfo.InvariantCulture, $"<span class=\"p\" data-p=\"{position.Index}\" data-cut=\"{position.Cut ?? steps + 1}\">");
        html.Append("<i class=\"mask\" title=\"").Append(Escape($"position {position.Index}: masked")).Append("\">░</i>");
        foreach (TracedProposal seen in position.Proposals)
        {
            string kind = seen.Proposal.Outcome is ProposalOutcome.Left ? "guess" : seen.Proposal.Outcome is ProposalOutcome.Forced ? "kept forced" : "kept";
            html.Append(CultureInfo.InvariantCulture, $"<b class=\"{kind}\" data-s=\"{seen.Step}\" style=\"--age:{(steps < 2 ? 0 : (seen.Step - 1) / (double)(steps - 1)):0.###};--sure:{seen.Proposal.Confidence:0.###}\" title=\"");
            html.Append(Escape(Tooltip(seen))).Append("\">").Append(seen.Proposal.Outcome is ProposalOutcome.Left ? Chipped(seen.Proposal) : Shown(seen.Proposal)).Append("</b>");
        }
        html.Append("</span>");
    }

    private static void Steps(StringBuilder html, IReadOnlyList<TraceStep> steps, int length)
    {
        html.Append("<table><thead><tr><th>step</th><th>block</th><th>ms</th><th>written</th><th>unchanged</th></tr></thead><tbody>\n");
        for (int i = 0; i < steps.Count; i++)
        {
            TraceStep step = steps[i];
            html.Append(CultureInfo.InvariantCulture, $"<tr data-s=\"{i + 1}\"><td>{i + 1}</td><td>{step.BlockStart}–{step.BlockEnd - 1}</td><td>{step.Milliseconds:0.0}</td><td>");
            foreach (var proposal in step.Proposals.Where(p => p.Outcome is not ProposalOutcome.Left)) Chip(html, i + 1, proposal);
            if (step.CanvasLength < length)
                html.Append(CultureInfo.InvariantCulture, $"<span class=\"cutnote\">end of text: canvas cut to {step.CanvasLength}</span>");
            html.Append("</td><td>");
            foreach (var proposal in step.Proposals.Where(p => p.Outcome is ProposalOutcome.Left)) Chip(html, i + 1, proposal);
            html.Append("</td></tr>\n");
            length = step.CanvasLength;
        }
        html.Append("</tbody></table>\n");
    }

    private static void Chip(StringBuilder html, int step, TraceProposal proposal) => html
        .Append("<span class=\"chip\" title=\"").Append(Escape(Tooltip(new TracedProposal(step, proposal)))).Append("\"><code>").Append(Chipped(proposal))
        .Append("</code><small>").Append(Escape(Number(proposal.Confidence, "0.00")))
        .Append(proposal.Score is { } score ? $" <em>{Number(score, "0.00")}</em>" : "").Append("</small></span>");

    private static string Tooltip(TracedProposal seen)
    {
        var (step, p) = (seen.Step, seen.Proposal);
        string what = p.Outcome switch
        {
            ProposalOutcome.Committed => "written",
            ProposalOutcome.Forced => "committed for progress",
            _ => "proposed",
        };
        return $"position {p.Position}, {what} in step {step}: {(p.IsEnd ? "end of text" : $"“{Visible(p.Text)}”")}\n"
            + string.Create(CultureInfo.InvariantCulture, $"confidence {p.Confidence:0.000}, margin {p.Margin:0.000}, entropy {p.Entropy:0.00} nats")
            + (p.Score is { } score ? string.Create(CultureInfo.InvariantCulture, $", filter {score:0.000}") : "");
    }

    private static string Shown(TraceProposal proposal) => proposal.IsEnd ? End : Escape(proposal.Text);

    /// <summary>Shows a text on one line, with visible white space.</summary>
    private static string Chipped(TraceProposal proposal) => proposal.IsEnd ? End : Escape(Visible(proposal.Text));

    private static string Visible(string text) =>
        SpaceRun.Replace(text, run => $"␣{run.Length}").Replace(' ', '·').Replace("\r", "").Replace('\n', '⏎').Replace('\t', '→');

    private static string Number(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(TracePage).Assembly.GetManifestResourceStream($"tracing/{name}")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
