namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Forbids all but a few tokens at the first position of the hole, whatever the model says: token healing needs one that begins with the removed text.</summary>
/// <param name="allowed">Ids.</param>
internal sealed class FirstTokenConstraint(IReadOnlyList<int> allowed) : ILogitsProcessor
{
    public IReadOnlyList<int>? AllowedFirst(ScoreCall call) => call.First == 0 ? allowed : null; // later it is decided already
}
