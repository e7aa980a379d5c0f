namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>Starts with few masks, because the model expands and deletes them itself (DreamOn). Starting with more than one costs little and helps a little.</summary>
internal sealed class ExpandingLength : ILengthPolicy
{
    private const int SingleLineStart = 4, MultiLineStart = 16;

    public bool Changes => true;

    public int Choose(LengthQuestion question) => Math.Min(question.Most, question.SingleLine ? SingleLineStart : MultiLineStart);
}
