namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>Chooses the initial number of masks of a hole between two texts. Pure: it sees numbers, not tensors.</summary>
internal interface ILengthPolicy
{
    /// <summary>Whether the decoder changes the length while it fills the hole.</summary>
    bool Changes { get; }

    /// <summary>The number of masks, from 1 to <see cref="LengthQuestion.Most"/>.</summary>
    int Choose(LengthQuestion question);
}

/// <summary>What a length policy may know.</summary>
/// <param name="Most">Maximum number of masks.</param>
/// <param name="SingleLine">Whether the hole ends with its line.</param>
/// <param name="Confidences">
/// Maps lengths to the probability of the most probable token, averaged over a fully masked hole of each length. Costs forwards;
/// lengths passed together cost less.
/// </param>
internal sealed record LengthQuestion(int Most, bool SingleLine, Func<IReadOnlyList<int>, double[]> Confidences);
