namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>The caller's stop condition is met; the caller is shown the text after each step.</summary>
/// <param name="progress">Receives the text, and returns whether it is enough.</param>
/// <param name="written">Returns the text up to the first gap.</param>
internal sealed class EnoughText(Func<string, bool> progress, Func<string> written) : IStoppingCriterion
{
    public bool IsMet(Canvas canvas) => progress(written());
}
