using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>Nothing is cut: every position is decoded, as in LLaDA's own sampler. The baseline that both papers measure against.</summary>
internal sealed class NeverRule : IEndOfTextRule
{
    public bool KeepsCanvas => true;

    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends) => null;
}
