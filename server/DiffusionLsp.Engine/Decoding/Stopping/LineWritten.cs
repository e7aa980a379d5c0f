namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>A single line was requested and is complete up to its end. What follows is not part of it.</summary>
internal sealed class LineWritten(Func<int, bool> lineEnds) : IStoppingCriterion
{
    public bool IsMet(Canvas canvas)
    {
        foreach (int id in canvas.Ids[..canvas.Committed])
            if (lineEnds(id)) return true;
        return false;
    }
}
