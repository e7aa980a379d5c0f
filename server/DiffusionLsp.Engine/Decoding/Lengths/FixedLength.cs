namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>As many masks as allowed; the end-of-text token truncates what the model does not need.</summary>
internal sealed class FixedLength : ILengthPolicy
{
    public bool Changes => false;

    public int Choose(LengthQuestion question) => question.Most;
}
