using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>Decoding with hand-made weights whose right answer is known: a model with shifted logits counts on from the prefix, and one that scores the row's own token writes "z".</summary>
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
        CountingWeights.Write(FamilyCases.Of(name), folder.Path);
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
        CountingWeights.Write(family, folder.Path, ('e', family.Tokenizer.IdOf("<|endoftext|>")));
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
        CountingWeights.Write(family, folder.Path, (' ', merged));
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 });
        var options = new DecodeOptions { Decoder = "vanilla", Cache = CacheKind.None, Length = 1, LengthPolicy = "fixed" };
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "a; in", Suffix = ";\n" }, options, CancellationToken.None);
        Assert.Equal("t", result.Completion);
    }
}
