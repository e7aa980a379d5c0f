namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>Few masks, because the model expands and deletes them itself (DreamOn; more to begin with cost little and help a little).</summary>
internal sealed class ExpandingLength : ILengthPolicy
{
    private const int SingleLineStart = 4, MultiLineStart = 16;

    public bool Changes => true;

    public int Choose(LengthQuestion question) => Math.Min(question.Most, question.SingleLine ? SingleLineStart : MultiLineStart);
}
