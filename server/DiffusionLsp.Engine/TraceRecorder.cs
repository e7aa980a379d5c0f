using System.Diagnostics;
using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>Records a running decode without changing it.</summary>
internal sealed class TraceRecorder(CodeTokenizer tokenizer) : IDecodeObserver
{
    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<TraceStep> steps = [];

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<TraceStep> Steps => steps;

    public void OnStep(StepInfo step, Canvas canvas)
    {
        var seen = new TraceProposal[step.Proposals.Length];
        for (int i = 0; i < seen.Length; i++)
        {
            Proposal p = step.Proposals.Span[i];
            ProposalOutcome outcome = i == step.Selection.Forced ? ProposalOutcome.Forced : step.Selection.Indices.Contains(i) ? ProposalOutcome.Committed : ProposalOutcome.Left;
            bool isEnd = p.TokenId == tokenizer.Special.EndOfText;
            seen[i] = new TraceProposal(p.Position, isEnd ? "" : Text(p.TokenId), isEnd, p.Confidence, p.Margin, p.Entropy, Score(step.Selection, i), outcome);
        }
        steps.Add(new TraceStep(step.BlockStart, step.BlockEnd, canvas.Length, clock.Elapsed.TotalMilliseconds, seen));
    }

    private static double? Score(Selection selection, int index) => selection.Scores?[index] is { } score && !double.IsNaN(score) ? score : null;

    private string Text(int token)
    {
        ReadOnlySpan<byte> bytes = tokenizer.BytesOf(token);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return $"⟨{string.Join(' ', bytes.ToArray().Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))}⟩";
        }
    }
}
