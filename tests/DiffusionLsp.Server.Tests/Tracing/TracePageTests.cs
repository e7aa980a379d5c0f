using System.Net;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Tracing;

namespace DiffusionLsp.Server.Tests.Tracing;

/// <summary>The page shows what happened, loads nothing external, and no text of a document becomes markup.</summary>
public sealed partial class TracePageTests
{
    private const string Hostile = "</script><script>alert('\"1\"')</script><img src=x onerror=alert(2)>&lt;<!--";

    private static readonly ModelSummary Model = new("nano", "/m", "dense", 8_000_000, 8192, "cpu", "asked for", "float32", 2);

    private static readonly TraceStep[] Steps =
    [
        new(0, 4, 8, 1.5, [Seen(0, "a", 0.4, ProposalOutcome.Forced), Seen(1, "\n    ", 0.3), Seen(2, "x", 0.2), Seen(3, "y", 0.1)]),
        new(0, 4, 3, 2.5, [Seen(1, " b", 0.95, ProposalOutcome.Committed) with { Score = 0.875 }, Seen(2, "", 0.97, ProposalOutcome.Committed, isEnd: true), Seen(3, "z", 0.1)]),
    ];

    [Fact]
    public void No_text_becomes_markup()
    {
        TraceStep[] steps = [new(0, 1, 1, 1, [Seen(0, Hostile, 0.5, ProposalOutcome.Committed)]), new(0, 1, 1, 1, [Seen(0, Hostile, 0.5)])];
        string html = Page(steps, prefix: Hostile, suffix: Hostile, path: Hostile, model: Model with { Name = Hostile });
        string[] expected = ["html", "head", "meta", "title", "style", "body", "h1", "dl", "div", "dt", "dd", "button", "input", "output", "span", "pre", "i", "b", "code", "small", "em", "table", "thead", "tbody", "tr", "th", "td", "script"];
        string outsideQuotes = Regex.Replace(html, "\"[^\"]*\"", "");
        Assert.Empty(Tag().Matches(outsideQuotes).Select(m => m.Groups[1].Value.ToLowerInvariant()).Distinct().Except(expected));
        Assert.Single(Regex.Matches(html, "<script", RegexOptions.IgnoreCase));
        Assert.DoesNotMatch("<[^>]*onerror", outsideQuotes);
        Assert.Contains(WebUtility.HtmlEncode(Hostile), html);
    }

    [Fact]
    public void Nothing_outside_is_needed()
    {
        string html = Page(Steps);
        Assert.DoesNotMatch(@"(?i)https?:|\bsrc=|\bhref=|url\(|@import|fetch\(|XMLHttpRequest", html);
        string nonce = Regex.Match(html, "script-src 'nonce-([0-9a-f]{32})'").Groups[1].Value;
        Assert.Contains($"<script nonce=\"{nonce}\">", html);
        Assert.DoesNotContain(nonce, Page(Steps)); // a fresh one for each page
    }

    [Fact]
    public void The_page_tells_when_each_token_came_and_where_the_text_was_cut()
    {
        string html = Page(Steps);
        Assert.Contains("<dt>model passes</dt><dd>2</dd>", html);
        Assert.Contains("<b class=\"kept forced\" data-s=\"1\" style=\"--age:0;--sure:0.4\"", html);
        Assert.Contains("<b class=\"kept\" data-s=\"2\" style=\"--age:1;--sure:0.95\"", html);
        Assert.Contains("<b class=\"guess\" data-s=\"1\"", html);
        Assert.Contains(">⏎␣4</b>", html); // a guess stays on its line
        Assert.Contains("position 1, written in step 2: “·b”\nconfidence 0.950, margin 0.100, entropy 1.50 nats, filter 0.875", WebUtility.HtmlDecode(html));
        Assert.Contains("end of text: canvas cut to 3", html);
        Assert.Contains("data-p=\"3\" data-cut=\"2\"", html);
        Assert.Contains("data-p=\"2\" data-cut=\"3\"", html); // one more than there are steps: never
        Assert.Contains("<span class=\"around\">line 2\nline 3\nline 4\nline 5\nline 6\nbefore </span>", html);
    }

    [Fact]
    public void The_page_says_how_sure_it_is_of_each_token_and_what_each_setting_shows()
    {
        var sure = new SuggestionConfidence([new(6, 0.9), new(9, 0.5), new(12, 0.25), new(16, 0.1)], new ConfidenceThresholds(0.2, 0.4, 0.8));
        string html = Page(Steps, completion: "return total <x>", confidence: sure);
        Assert.Contains("<span class=\"chip\" style=\"--sure:0.9\" title=\"right up to here: 0.900\"><code>return</code><small>0.90</small></span><span class=\"ends\">▏balanced</span><span class=\"ends\">▏quiet</span>", html);
        Assert.Contains("<code>&#183;&lt;x&gt;</code><small>0.10</small></span><span class=\"ends\">▏all</span>", html);
        Assert.Contains("<dt>balanced, from 0.40 on</dt><dd><code>return</code></dd>", html);
        Assert.Contains("<dt>all, from 0.00 on</dt><dd><code>return&#183;total&#183;&lt;x&gt;</code></dd>", html);
        Assert.Contains("<dt>quiet, from 0.95 on</dt><dd>nothing</dd>", Page(Steps, completion: "return total <x>", confidence: sure with { Thresholds = new(0.2, 0.4, 0.95) }));
        Assert.DoesNotContain("class=\"sure\"", Page(Steps));
    }

    [Fact]
    public void What_the_first_token_writes_once_more_stands_there_once()
    {
        string html = Page([new TraceStep(0, 8, 8, 1, [Seen(0, " = a", 0.9, ProposalOutcome.Committed)])], prefix: "x =", rewritten: 2);
        Assert.Contains("<span class=\"around\">x</span>", html);
    }

    [Fact]
    public void A_trace_without_steps_is_a_page_too() => Assert.Contains("after step 0 of 0", Page([]));

    private static string Page(TraceStep[] steps, string prefix = "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nbefore ", string suffix = " after\n", string path = "src/a.cs",
        ModelSummary? model = null, string completion = "a b", SuggestionConfidence? confidence = null, int rewritten = 0)
    {
        var result = new InfillResult
        {
            Completion = completion, Confidence = confidence ?? SuggestionConfidence.None, StopReason = StopReason.EndOfText, Forwards = steps.Length, Tokens = 2, PromptTokens = 40, CachedPromptTokens = 30, Timings = new InfillTimings(0.1, 1, 2),
        };
        return TracePage.Render(new TracedDecode(path, new InfillRequest { Prefix = prefix, Suffix = suffix },
            new DecodeTrace(result, new DecodeOptions { Decoder = "anchored", Length = 8 }, steps) { Rewritten = rewritten }, model ?? Model));
    }

    private static TraceProposal Seen(int position, string text, double confidence, ProposalOutcome outcome = ProposalOutcome.Left, bool isEnd = false) =>
        new(position, text, isEnd, confidence, 0.1, 1.5, null, outcome);

    [GeneratedRegex("</?([a-zA-Z][a-zA-Z0-9]*)")]
    private static partial Regex Tag();
}
