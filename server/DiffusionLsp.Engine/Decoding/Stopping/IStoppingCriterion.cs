namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>Says after a step whether the decode has gone far enough, whatever decoder it is. On the device thread.</summary>
internal interface IStoppingCriterion
{
    /// <summary>Whether what is written without a gap is the result.</summary>
    bool IsMet(Canvas canvas);
}
