namespace DiffusionLsp.Tests.Checkpoints;

/// <summary>
/// Hand-made weights whose right answer is known: attention and feed-forward add nothing, and a row predicts the byte after its own token or,
/// for a mask and with less confidence, "z".
/// </summary>
public static class CountingWeights
{
    /// <param name="exceptions">Tokens that are answered by another token than the next byte.</param>
    public static void Write(FamilyCase family, string folder, params (int Token, int Answer)[] exceptions)
    {
        int? mask = MaskOf(family) is { } content ? family.Tokenizer.IdOf(content) : null;
        int first = family.Tokenizer.SpecialFirst ? family.Tokenizer.Special.Length : 0, width = family.Body.Width;
        var asks = Enumerable.Range(0, 255).ToDictionary(b => first + b + 1, b => first + b); // answer → the token that asks for it
        if (mask is not null) asks[first + 'z'] = mask.Value;
        foreach ((int token, int answer) in exceptions)
        {
            asks.Remove(first + token + 1);
            asks[answer] = first + token;
        }
        new GeneratedCheckpoint(family, weight: (name, i, value) => name switch
        {
            "model.embed_tokens.weight" => Sign(i / width, i % width),
            "lm_head.weight" => asks.TryGetValue(i / width, out int token) ? Sign(token, i % width) * (token == mask ? 0.375f : 0.5f) : 0,
            _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => 1,
            _ when name.Contains("o_proj") || name.Contains("down_proj") => 0,
            _ => value,
        }).Write(folder);
    }

    private static string? MaskOf(FamilyCase family) => family.Tokenizer.Special.SingleOrDefault(s => s.Contains("mask", StringComparison.OrdinalIgnoreCase) || s == "<M>");

    /// <summary>A fixed row of ±1 for each token, nearly orthogonal to every other.</summary>
    private static readonly float[] Signs = MakeSigns();

    private static float Sign(int token, int dimension) => Signs[token * 32 + dimension];

    private static float[] MakeSigns()
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, 400 * 32).Select(_ => (float)(random.Next(2) * 2 - 1))];
    }
}
