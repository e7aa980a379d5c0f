namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>Whoever asked has what they want: they are told how far the text has come.</summary>
/// <param name="progress">Is told the text, and says whether it is enough.</param>
/// <param name="written">The text without a gap so far.</param>
internal sealed class EnoughText(Func<string, bool> progress, Func<string> written) : IStoppingCriterion
{
    public bool IsMet(Canvas canvas) => progress(written());
}
