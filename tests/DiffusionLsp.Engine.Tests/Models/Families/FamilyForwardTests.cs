using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Decoding;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>
/// Every family from its files to its logits, against an independent computation in float64: names, shards, element types,
/// configuration, attention, shift, shared key heads, norms, biases, experts.
/// </summary>
public sealed class FamilyForwardTests
{
    private const double MostError = 1e-4;

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(c => c.Name)];

    [Theory, MemberData(nameof(Families))]
    public void Scores_equal_the_reference(string name)
    {
        using var loaded = new LoadedCase(FamilyCases.Of(name));
        foreach (CacheKind kind in Enum.GetValues<CacheKind>())
        {
            using RowScorer scorer = Scorers.Of(loaded.Model.NewRunner(), kind, 64);
            RequireClose(loaded, scorer, loaded.Window, $"{name}, {kind}");
        }
    }

    /// <summary>A cache where it approximates nothing: its contents were computed for this very sequence, or are exact for every one.</summary>
    [Theory, MemberData(nameof(Families))]
    public void Scores_from_a_cache_equal_the_reference(string name)
    {
        using var loaded = new LoadedCase(FamilyCases.Of(name));
        int[] other = [.. loaded.Sequence];
        other[loaded.Window.Start / 2]++; // in the middle of the prompt
        foreach (RowScorer scorer in Caches(loaded.Model))
            using (scorer)
            {
                scorer.Score(other, loaded.Window).Dispose();
                string of = $"{name}, {scorer.GetType().Name}";
                RequireClose(loaded, scorer, loaded.Window, $"{of}, after another prompt");
                RequireClose(loaded, scorer, loaded.Window with { Step = 1 }, $"{of}, in the next step");
            }
    }

    private static IEnumerable<RowScorer> Caches(LoadedModel model)
    {
        yield return Scorers.Of(model.NewRunner(), CacheKind.Prefix, 64);
        yield return Scorers.Of(model.NewRunner(), CacheKind.Dual, 64);
        if (model.Config.Attention is AttentionKind.Full) yield return new WindowScorer(model.NewRunner(), 64) { Window = 64 };
    }

    private static void RequireClose(LoadedCase loaded, RowScorer scorer, ScoreWindow window, string what)
    {
        using TorchSharp.torch.Tensor logits = scorer.Score(loaded.Sequence, window).Tensor();
        float[] actual = logits.contiguous().data<float>().ToArray();
        double[] expected = [.. loaded.Expected().SelectMany(row => row)];
        Assert.True(actual.Length >= expected.Length);
        double worst = expected.Zip(actual, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst < MostError, $"{what}: the largest relative error is {worst:E2}");
        Assert.True(expected.Max(Math.Abs) > 1, "the logits are not all tiny");
    }

    [Theory, MemberData(nameof(Families))]
    public void The_family_is_recognised_and_read(string name)
    {
        using var loaded = new LoadedCase(FamilyCases.Of(name));
        ModelConfig read = loaded.Model.Config;
        Assert.Equal(loaded.Reference with { Architectures = read.Architectures, ModelType = read.ModelType, MaxPositions = read.MaxPositions, Experts = null }, read with { Experts = null });
        Assert.Equal(loaded.Reference.Experts, read.Experts);
        Assert.StartsWith(loaded.Model.Description.Family.Name, name);
        Assert.Equal(loaded.Case.SeesSuffix, loaded.Model.Description.Prompt.SeesSuffix);
        Assert.Equal(loaded.Case.SeesSuffix && loaded.Case.Block == 0, loaded.Model.Description.Prompt.SeesSuffixNatively);
    }

    /// <summary>A test of the test: the shift, the blocks and the router affect the numbers.</summary>
    [Theory]
    [InlineData("dream")]
    [InlineData("sdar")]
    [InlineData("llada2")]
    public void A_wrong_reference_is_noticed(string name)
    {
        using var loaded = new LoadedCase(FamilyCases.Of(name));
        ModelConfig wrong = name switch
        {
            "dream" => loaded.Reference with { LogitShift = false },
            "sdar" => loaded.Reference with { ContextBlockSize = 1 },
            _ => loaded.Reference with { Experts = loaded.Reference.Experts! with { Groups = 1, GroupsPerToken = 1 } },
        };
        double[] right = [.. loaded.Expected().SelectMany(r => r)], other = [.. loaded.Expected(wrong).SelectMany(r => r)];
        Assert.True(right.Zip(other, (a, b) => Math.Abs(a - b)).Max() > 1e-2);
    }
}
