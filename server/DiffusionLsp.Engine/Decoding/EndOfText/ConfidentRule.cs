using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>
/// Truncates after a committed end token, and after one that is only predicted, anywhere on the canvas, once its confidence reaches the
/// floor. This is the published rule without its flaw that one spurious prediction with low confidence truncates the text.
/// </summary>
internal sealed class ConfidentRule(double floor) : IEndOfTextRule
{
    public static Knob<double> Floor { get; } = new("endOfTextFloor", new NumberKind(0, 1), 0.9, "Minimum confidence at which the confident rule accepts a proposed end of the text.");

    private readonly CommittedRule committed = new();

    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends)
    {
        int? cut = committed.Cut(proposals, selection, ends);
        foreach (Proposal p in proposals)
            if (p.Confidence >= floor && ends(p.TokenId) && !(cut <= p.Position)) cut = p.Position + 1;
        return cut;
    }
}
