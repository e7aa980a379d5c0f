using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>For each token set a vector to add to the logits: 0, or −∞ for ids outside the set. Depends only on the model.</summary>
internal sealed class BlockedTokens
{
    private readonly int vocabularySize;
    private readonly IEnumerable<int> never; // enumerated when a set is first requested, not at start-up
    private readonly SpecialTokens? special;
    private readonly Dictionary<TokenSet, float[]> made = [];

    /// <param name="never">Ids without text that do not end it, including the mask.</param>
    /// <param name="special">The tokenizer's special tokens; null: only <see cref="TokenSet.Text"/> is used.</param>
    public BlockedTokens(int vocabularySize, IEnumerable<int> never, SpecialTokens? special = null) =>
        (this.vocabularySize, this.never, this.special) = (vocabularySize, never, special);

    public static BlockedTokens Of(LoadedModel model) => new(model.Config.VocabularySize, model.NeverText(), model.Tokenizer.Special);

    /// <summary>The sets available for this model.</summary>
    public IReadOnlyList<TokenSet> Sets => special is null ? [TokenSet.Text] : Enum.GetValues<TokenSet>();

    /// <summary>(V). Must not be modified.</summary>
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
