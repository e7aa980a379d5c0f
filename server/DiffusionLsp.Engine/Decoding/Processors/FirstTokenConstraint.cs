namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Restricts the first position of the hole to some tokens, whatever the model predicts: token healing needs one that begins with the removed text.</summary>
/// <param name="allowed">Ids of the allowed tokens.</param>
internal sealed class FirstTokenConstraint(IReadOnlyList<int> allowed) : ILogitsProcessor
{
    public IReadOnlyList<int>? AllowedFirst(ScoreCall call) => call.First == 0 ? allowed : null; // later calls no longer contain the first position
}
