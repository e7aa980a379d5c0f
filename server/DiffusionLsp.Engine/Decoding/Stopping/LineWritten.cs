namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>One line was asked for, and it is written up to its end. What stands right of it is no part of it.</summary>
internal sealed class LineWritten(Func<int, bool> lineEnds) : IStoppingCriterion
{
    public bool IsMet(Canvas canvas)
    {
        foreach (int id in canvas.Ids[..canvas.Committed])
            if (lineEnds(id)) return true;
        return false;
    }
}
