using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>Never truncates: every position is decoded, as in LLaDA's own sampler. The baseline of both the Learn2PD and the APD paper.</summary>
internal sealed class NeverRule : IEndOfTextRule
{
    public bool KeepsCanvas => true;

    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends) => null;
}
