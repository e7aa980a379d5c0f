using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.Engine.Tests.Models.Families;
using DiffusionLsp.Engine.Tests.Models.Steps;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Decoding.Adaptive;

/// <summary>
/// The paper's pair in miniature: a Dream model, and a plain Qwen2 that lacks its mask and begin-of-text tokens, stores its tokenizer
/// in another file and has fewer vocabulary rows.
/// </summary>
public sealed class SmallVerifierTests : IDisposable
{
    private readonly TemporaryFolder dream = new(), qwen = new();

    public void Dispose()
    {
        dream.Dispose();
        qwen.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_scores_as_the_verifier_alone_would(bool tied)
    {
        FamilyCase large = FamilyCases.Of("dream"), small = FamilyCases.Causal(tied);
        new GeneratedCheckpoint(large).Write(dream.Path);
        var weights = new GeneratedCheckpoint(small, seed: 2);
        weights.Write(qwen.Path);
        using LoadedModel model = LoadedModel.Load(dream.Path, "cpu");
        using SmallVerifier verifier = SmallVerifier.Load(model, qwen.Path, new EngineOptions(), 64, threads: 1);

        int end = small.Tokenizer.IdOf("<|endoftext|>"), known = small.Config["vocab_size"]!.GetValue<int>();
        int[] text = [.. "int f(x)".Select(c => (int)c)], read = [end, .. text], given = [large.Tokenizer.IdOf("<|beginoftext|>"), .. text];
        using Scores scores = verifier.Score(given, 3, CancellationToken.None);
        using HostScores actual = scores.OnHost();
        double[][] expected = new ReferenceTransformer(LoadedCase.ReferenceConfig(small), weights.Values).Logits(read, [.. Enumerable.Range(0, read.Length)], (row, column) => column <= row)[2..];
        Assert.Equal((expected.Length, model.Config.VocabularySize), (actual.Rows, actual.Vocabulary));
        Assert.True(known < actual.Vocabulary);
        for (int row = 0; row < actual.Rows; row++)
        {
            for (int id = 0; id < known; id++) Assert.Equal(expected[row][id], actual.Row(row)[id], 1e-3);
            Assert.All(actual.Row(row)[known..].ToArray(), score => Assert.Equal(-1e4f, score));
        }
    }

    /// <summary>The model drafts "bzzz" after "a"; the verifier, which counts on, accepts only "b", unless it has no say.</summary>
    [Theory]
    [InlineData(0, "bcdefg", 6)]
    [InlineData(1, "bzzzzz", 1)]
    public async Task It_decides_how_much_of_a_draft_is_kept(double weight, string text, int forwards)
    {
        CountingWeights.Write(FamilyCases.Of("dream"), dream.Path);
        CountingWeights.Write(FamilyCases.Causal(tied: false), qwen.Path);
        foreach (bool steps in new[] { false, true })
        {
            var devices = new List<ReferenceStepDevice>();
            using InfillEngine engine = InfillEngine.Load(new EngineOptions
            {
                ModelFolder = dream.Path, VerifierFolder = qwen.Path, Device = "cpu", Threads = 1, ThroughLibtorch = steps, StepDevice = steps ? Made : null,
            });
            DecodeOptions options = new DecodeOptions { Decoder = "apd", Length = 6, LengthPolicy = "fixed" }
                .With(AdaptiveDecoder.Verifier, "small").With(AdaptiveDecoder.Weight, weight);
            InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "x = a", Suffix = ";\n" }, options, CancellationToken.None);
            Assert.Equal((text, forwards), (result.Completion, result.Forwards));
            Assert.Equal(steps ? 2 : 0, devices.Count(device => device.Buckets.Count > 0)); // the model's and the verifier's

            ReferenceStepDevice Made()
            {
                devices.Add(new ReferenceStepDevice());
                return devices[^1];
            }
        }
    }

    [Fact]
    public void Other_token_ids_are_refused()
    {
        new GeneratedCheckpoint(FamilyCases.Of("dream")).Write(dream.Path);
        FamilyCase other = FamilyCases.Causal(tied: true);
        new GeneratedCheckpoint(other with { Tokenizer = other.Tokenizer with { SpecialFirst = true } }).Write(qwen.Path);
        using LoadedModel model = LoadedModel.Load(dream.Path, "cpu");
        string message = Assert.Throws<EngineException>(() => SmallVerifier.Load(model, qwen.Path, new EngineOptions(), 64, threads: 1)).Message;
        Assert.Contains("has different token ids from the model", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_autoregressive_model_completes_nothing_and_says_what_it_is_for()
    {
        new GeneratedCheckpoint(FamilyCases.Causal(tied: true)).Write(qwen.Path);
        string message = Assert.Throws<EngineException>(() => InfillEngine.Load(new EngineOptions { ModelFolder = qwen.Path, Device = "cpu" })).Message;
        Assert.Contains("verifierPath", message, StringComparison.Ordinal);
        Assert.True(ModelInspector.Inspect(qwen.Path).OnlyVerifies);
        Assert.Empty(ModelInspector.Verify(qwen.Path));
    }
}
