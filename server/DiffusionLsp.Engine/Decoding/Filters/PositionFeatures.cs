using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// What is known about each masked position without another forward: the proposal itself, its neighbours, its history over the steps,
/// and whether the prompt contains something like it. One instance follows one decode. The same code computes training data, so
/// serving and training cannot diverge.
/// </summary>
/// <param name="prompt">The prompt's tokens; its last ones precede the canvas.</param>
/// <param name="ends">Whether a token ends the hole.</param>
internal sealed class PositionFeatures(IReadOnlyList<int> prompt, Func<int, bool> ends)
{
    /// <summary>Changes whenever a feature does, so that older filters are rejected.</summary>
    public const int Version = 1;

    /// <summary>
    /// Features of one position, by column: 0–4 confidence, its log and logit, margin, entropy; 5–10 rank among the masked positions, whether
    /// it is the second, distance from the first, share of the block still masked, place in the block, step; 11–14 log confidence of
    /// all to its left, the least of them, that of the first, and the product including its own; 15–30 neighbours at −1, −2, −3, 1, 2, 3
    /// (committed, confidence; at ±1 also entropy, margin); 31–36 seen before, same token, for how many steps, change of confidence,
    /// whether the last clean row confirmed its guess, and how often they did; 37–39 ends the hole, equals its left or right neighbour;
    /// 40–46 counts in the prompt, rarity of it and its neighbours, place in the canvas; 47–50 share in the prompt after 1 to 4 tokens of context, −1: none.
    /// </summary>
    public const int Count = 51;

    private readonly int[] promptIds = [.. prompt];
    private readonly PromptNgrams ngrams = new([.. prompt]);
    private readonly Dictionary<int, int> committed = []; // canvas position → token
    private readonly Dictionary<int, Past> past = [];
    private int confirmed, contradicted;
    private float lastConfirmed;

    /// <summary>One row of <see cref="Count"/> numbers per proposal.</summary>
    public float[][] Of(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        var window = new Window(proposals.ToArray(), step);
        CompareLeftmost(proposals[0]);
        var rows = new float[proposals.Length][];
        float logLeft = 0, leastLeft = 1;
        for (int i = 0; i < proposals.Length; i++)
        {
            rows[i] = Row(window, i, logLeft, leastLeft);
            logLeft += Log(proposals[i].Confidence);
            leastLeft = Math.Min(leastLeft, proposals[i].Confidence);
        }
        foreach (Proposal p in proposals)
            past[p.Position] = past.TryGetValue(p.Position, out Past before) && before.Token == p.TokenId
                ? new Past(p.TokenId, before.Steps + 1, p.Confidence) : new Past(p.TokenId, 0, p.Confidence);
        return rows;
    }

    /// <summary>Records what the step committed.</summary>
    public void Commit(ReadOnlySpan<Proposal> proposals, IReadOnlyList<int> selected)
    {
        foreach (int i in selected) committed[proposals[i].Position] = proposals[i].TokenId;
    }

    /// <summary>The leftmost position is now scored by a clean row, which confirms or contradicts what a masked row proposed there.</summary>
    private void CompareLeftmost(Proposal leftmost)
    {
        lastConfirmed = !past.TryGetValue(leftmost.Position, out Past guess) ? 0 : guess.Token == leftmost.TokenId ? 1 : -1;
        if (lastConfirmed > 0) confirmed++;
        if (lastConfirmed < 0) contradicted++;
    }

    private float[] Row(Window window, int index, float logLeft, float leastLeft)
    {
        Proposal p = window.Proposals[index];
        var row = new Writer();
        float confidence = Math.Clamp(p.Confidence, 1e-6f, 1 - 1e-6f);
        row.Add(confidence, Log(confidence), Log(confidence) - Log(1 - confidence), p.Margin, p.Entropy);

        int length = window.Step.BlockEnd - window.Step.BlockStart, first = window.Proposals[0].Position;
        row.Add(Math.Min(index, 16) / 8f, index == 1 ? 1 : 0, Math.Min(p.Position - first, 16) / 8f);
        row.Add(window.Proposals.Length / (float)length, Math.Min(p.Position - window.Step.BlockStart, 32) / 16f, Math.Min(window.Step.Index, 16) / 8f);
        row.Add(Math.Max(logLeft, -20), leastLeft, Log(window.Proposals[0].Confidence), Math.Max(logLeft + Log(confidence), -20));

        foreach (int offset in new[] { -1, -2, -3, 1, 2, 3 })
        {
            int at = p.Position + offset;
            bool inside = at >= window.Step.BlockStart && at < window.Step.BlockEnd;
            bool fixedThere = at < window.Step.BlockStart || (inside && !window.ByPosition.ContainsKey(at));
            Proposal? neighbour = window.ByPosition.TryGetValue(at, out Proposal found) ? found : null;
            row.Add(fixedThere ? 1 : 0, fixedThere ? 1 : neighbour?.Confidence ?? 0);
            if (offset is -1 or 1) row.Add(neighbour?.Entropy ?? 0, neighbour?.Margin ?? (fixedThere ? 1 : 0));
        }

        Past before = past.TryGetValue(p.Position, out Past seen) ? seen : new Past(-1, 0, confidence);
        row.Add(seen.Confidence > 0 ? 1 : 0, before.Token == p.TokenId ? 1 : 0, before.Token == p.TokenId ? Math.Min(before.Steps + 1, 8) / 4f : 0, confidence - before.Confidence);
        row.Add(lastConfirmed, (confirmed + 1f) / (confirmed + contradicted + 2f));

        int[] left = Left(window, p.Position);
        row.Add(ends(p.TokenId) ? 1 : 0, left.Length > 0 && left[^1] == p.TokenId ? 1 : 0, window.Token(p.Position + 1, committed) == p.TokenId ? 1 : 0);
        row.Add(MathF.Log(1 + ngrams.Count(p.TokenId, left, 0)));
        // Ids approximate rarity: a BPE tokenizer's ids increase as tokens become rarer.
        row.Add(Rarity(p.TokenId), Rarity(left.Length > 0 ? left[^1] : 0), Rarity(window.Token(p.Position + 1, committed) ?? 0), Math.Min(p.Position, 128) / 32f);
        row.Add(MathF.Log(1 + ngrams.Count(p.TokenId, left, 2)), MathF.Log(1 + ngrams.Count(p.TokenId, left, PromptNgrams.MostContext)));
        for (int context = 1; context <= PromptNgrams.MostContext; context++) row.Add(ngrams.Share(p.TokenId, left, context));
        return row.Values;
    }

    /// <summary>The tokens before a position, as far as they are committed or proposed.</summary>
    private int[] Left(Window window, int position)
    {
        var left = new List<int>(PromptNgrams.MostContext);
        for (int at = position - 1; left.Count < PromptNgrams.MostContext; at--)
        {
            int? token = at >= 0 ? window.Token(at, committed) : promptIds.Length + at >= 0 ? promptIds[promptIds.Length + at] : null;
            if (token is null) break;
            left.Insert(0, token.Value);
        }
        return [.. left];
    }

    private static float Rarity(int token) => MathF.Log(1 + token) / 4;

    private static float Log(float probability) => MathF.Log(Math.Max(probability, 1e-6f));

    private readonly record struct Past(int Token, int Steps, float Confidence);

    private sealed record Window(Proposal[] Proposals, DecodeStep Step)
    {
        public Dictionary<int, Proposal> ByPosition { get; } = Proposals.ToDictionary(p => p.Position);

        public int? Token(int position, Dictionary<int, int> committed) =>
            ByPosition.TryGetValue(position, out Proposal p) ? p.TokenId : committed.TryGetValue(position, out int token) ? token : null;
    }

    private sealed class Writer
    {
        private int at;

        public float[] Values { get; } = new float[Count];

        public void Add(params ReadOnlySpan<float> values)
        {
            values.CopyTo(Values.AsSpan(at));
            at += values.Length;
        }
    }
}
