namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>As many masks as are allowed: what the model does not need, its end-of-text token gives up.</summary>
internal sealed class FixedLength : ILengthPolicy
{
    public bool Changes => false;

    public int Choose(LengthQuestion question) => question.Most;
}
