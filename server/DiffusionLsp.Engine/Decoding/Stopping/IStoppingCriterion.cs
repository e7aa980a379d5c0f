namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>Decides after a step whether to stop the decode, whichever decoder runs. On the decode thread.</summary>
internal interface IStoppingCriterion
{
    /// <summary>Whether to stop, with the text up to the first gap as the result.</summary>
    bool IsMet(Canvas canvas);
}
