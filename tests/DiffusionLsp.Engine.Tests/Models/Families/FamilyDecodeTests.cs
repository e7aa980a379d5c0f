using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>
/// Decoding with hand-made weights whose right answer is known: attention and feed-forward add nothing, and a row predicts the byte after
/// its own token or, for a mask and with less confidence, "z". So a model with shifted logits counts on from the prefix, and one that scores
/// the row's own token writes "z".
/// </summary>
public sealed class FamilyDecodeTests
{
    public static TheoryData<string, string, CacheKind> Cases
    {
        get
        {
            var data = new TheoryData<string, string, CacheKind>();
            // Where the output layer is the embedding, no such weights exist.
            foreach (FamilyCase family in FamilyCases.All.Where(c => !c.Body.Tied))
                foreach (CacheKind cache in new[] { CacheKind.None, CacheKind.Prefix }) data.Add(family.Name, family.Shift ? "bcdefg" : "zzzzzz", cache);
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task The_right_answer_is_written(string name, string answer, CacheKind cache)
    {
        using var folder = new TemporaryFolder();
        Write(FamilyCases.Of(name), folder.Path);
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 });
        var options = new DecodeOptions { Decoder = "vanilla", Cache = cache, Length = 6, LengthPolicy = "fixed", BlockLength = 6 };
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "x = a", Suffix = ";\n" }, options, CancellationToken.None);
        Assert.Equal(answer, result.Completion);
        Assert.Equal(6, result.Tokens);
    }

    [Fact]
    public async Task A_mask_that_expands_finds_its_length()
    {
        using var folder = new TemporaryFolder();
        FamilyCase family = FamilyCases.Of("dreamon");
        // After "e" nothing follows: there the end-of-text token deletes, and "e" stays the last.
        Write(family, folder.Path, ('e', family.Tokenizer.IdOf("<|endoftext|>")));
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 });
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "x = a", Suffix = ";\n" }, new DecodeOptions { Cache = CacheKind.None, Length = 24 }, CancellationToken.None);
        Assert.Equal("bcde", result.Completion);
    }

    [Fact]
    public async Task The_token_at_the_cursor_is_healed()
    {
        using var folder = new TemporaryFolder();
        FamilyCase family = FamilyCases.Of("dream");
        int merged = 256 + Array.IndexOf(TokenizerCase.Merges, "in t");
        // The model has seen " int" only, never "in" before "t": after the space it wants "int".
        Write(family, folder.Path, (' ', merged));
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 });
        var options = new DecodeOptions { Decoder = "vanilla", Cache = CacheKind.None, Length = 1, LengthPolicy = "fixed" };
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "a; in", Suffix = ";\n" }, options, CancellationToken.None);
        Assert.Equal("t", result.Completion);
    }

    /// <param name="exceptions">Tokens that are answered by another token than the next byte.</param>
    private static void Write(FamilyCase family, string folder, params (int Token, int Answer)[] exceptions)
    {
        int mask = family.Tokenizer.IdOf(MaskOf(family)), first = family.Tokenizer.SpecialFirst ? family.Tokenizer.Special.Length : 0, width = family.Body.Width;
        var asks = Enumerable.Range(0, 255).ToDictionary(b => first + b + 1, b => first + b); // answer → the token that asks for it
        asks[first + 'z'] = mask;
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

    private static string MaskOf(FamilyCase family) => family.Tokenizer.Special.Single(s => s.Contains("mask", StringComparison.OrdinalIgnoreCase) || s == "<M>");

    /// <summary>A fixed row of ±1 for each token, nearly orthogonal to every other.</summary>
    private static readonly float[] Signs = MakeSigns();

    private static float Sign(int token, int dimension) => Signs[token * 32 + dimension];

    private static float[] MakeSigns()
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, 400 * 32).Select(_ => (float)(random.Next(2) * 2 - 1))];
    }
}
