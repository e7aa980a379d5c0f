using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>
/// A committed end cuts, and so does one that is only predicted, anywhere on the canvas, once its confidence reaches
/// the floor. The published rule without its flaw: there, one spurious guess without any confidence truncates the text.
/// </summary>
internal sealed class ConfidentRule(double floor) : IEndOfTextRule
{
    public static Knob<double> Floor { get; } = new("endOfTextFloor", new NumberKind(0, 1), 0.9, "Confidence from which the rule confident takes a guess for the end of the text.");

    private readonly CommittedRule committed = new();

    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends)
    {
        int? cut = committed.Cut(proposals, selection, ends);
        foreach (Proposal p in proposals)
            if (p.Confidence >= floor && ends(p.TokenId) && !(cut <= p.Position)) cut = p.Position + 1;
        return cut;
    }
}
