using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>For each set of tokens what is added to the scores: 0, or −∞ for ids that are not in it. Depends on the model alone.</summary>
internal sealed class BlockedTokens
{
    private readonly int vocabularySize;
    private readonly IEnumerable<int> never; // looked through when a set is first asked for, not when a model starts
    private readonly SpecialTokens? special;
    private readonly Dictionary<TokenSet, float[]> made = [];

    /// <param name="never">Ids that stand for no text and do not end it, the mask among them.</param>
    /// <param name="special">The tokenizer's; null: only <see cref="TokenSet.Text"/> is asked for.</param>
    public BlockedTokens(int vocabularySize, IEnumerable<int> never, SpecialTokens? special = null) =>
        (this.vocabularySize, this.never, this.special) = (vocabularySize, never, special);

    public static BlockedTokens Of(LoadedModel model) => new(model.Config.VocabularySize, model.NeverText(), model.Tokenizer.Special);

    /// <summary>(V). Not to be changed.</summary>
    public float[] this[TokenSet set] => made.TryGetValue(set, out float[]? known) ? known : made[set] = Made(Blocked(set));

    private IEnumerable<int> Blocked(TokenSet set)
    {
        if (set is TokenSet.Text) return never;
        int[] shrinking = [.. never, .. special!.TurnEnd is { } turn ? [turn] : Array.Empty<int>()];
        return set switch
        {
            TokenSet.Resizing => shrinking.Where(id => id != special.Expand),
            TokenSet.Shrinking => shrinking,
            _ => shrinking.Append(special.EndOfText),
        };
    }

    private float[] Made(IEnumerable<int> ids)
    {
        var additions = new float[vocabularySize];
        foreach (int id in ids) additions[id] = float.NegativeInfinity;
        return additions;
    }
}
