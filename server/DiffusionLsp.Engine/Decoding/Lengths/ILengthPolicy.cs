namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>Says how many masks a hole between two texts gets at first. Pure; it sees figures, never a tensor.</summary>
internal interface ILengthPolicy
{
    /// <summary>Whether the decoder may change the length while it fills the hole.</summary>
    bool Changes { get; }

    /// <summary>A number of masks, from 1 to <see cref="LengthQuestion.Most"/>.</summary>
    int Choose(LengthQuestion question);
}

/// <summary>What a length policy may know.</summary>
/// <param name="Most">Most masks that are allowed.</param>
/// <param name="SingleLine">Whether the hole ends with its line.</param>
/// <param name="Confidences">
/// Lengths → for each the mean, over the hole, of the most probable token's probability when nothing of it is known yet. Costs
/// forwards; lengths asked for together cost less.
/// </param>
internal sealed record LengthQuestion(int Most, bool SingleLine, Func<IReadOnlyList<int>, double[]> Confidences);
