using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Lengths;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.Lengths;

/// <summary>A hole's length: the policies' arithmetic, and that probing lengths together equals probing each alone.</summary>
public sealed class LengthPolicyTests
{
    [Theory]
    [InlineData("fixed", true, 32, 32)]
    [InlineData("fixed", false, 96, 96)]
    [InlineData("expand", true, 32, 4)]
    [InlineData("expand", false, 96, 16)]
    [InlineData("expand", true, 2, 2)]
    public void Some_lengths_need_no_model(string name, bool singleLine, int most, int length) =>
        Assert.Equal(length, LengthPolicies.Create(name).Choose(new LengthQuestion(most, singleLine, _ => throw new InvalidOperationException("not asked"))));

    [Theory]
    [InlineData(8, true, 64)]
    [InlineData(3, true, 64)]
    [InlineData(24, false, 64)]
    public void The_surest_length_wins_once_the_bias_is_out(int surest, bool singleLine, int most)
    {
        IReadOnlyList<int> asked = [];
        int chosen = LengthPolicies.Create("calibrated").Choose(new LengthQuestion(most, singleLine, lengths =>
        {
            asked = lengths;
            return [.. lengths.Select(l => CalibratedLength.Bias(l) * (l == surest ? 1.1 : 1))]; // short holes look surest
        }));
        Assert.Equal(surest, chosen);
        Assert.All(asked, l => Assert.InRange(l, 1, most));
    }

    [Fact]
    public void A_hole_that_may_be_short_only_has_few_candidates()
    {
        int chosen = LengthPolicies.Create("calibrated").Choose(new LengthQuestion(2, false, _ => throw new InvalidOperationException("nothing to compare")));
        Assert.Equal(2, chosen);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(16, false)]
    [InlineData(7, false)]
    [InlineData(16, true)]
    [InlineData(7, true)]
    public void Lengths_asked_for_together_are_as_if_alone(int variant, bool host)
    {
        ModelConfig shape = TinyModel.Shape(variant) with { Attention = AttentionKind.Full };
        using var model = new TinyModel(host ? shape with { HeadSize = 32, IntermediateSize = 80 } : shape, packed: host);
        using var blocked = zeros(TinyModel.Vocabulary);
        LengthProbe probe = host
            ? new HostLengthProbe(model.NewRunner(), new float[TinyModel.Vocabulary], TinyModel.Vocabulary - 1)
            : new TensorLengthProbe(model.Transformer, blocked, TinyModel.Vocabulary - 1);
        int[] before = [3, 1, 4, 1, 5, 9], after = [2, 6, 5], lengths = [1, 2, 5, 8];
        double[] together = probe.Confidences(before, after, lengths, CancellationToken.None);
        for (int i = 0; i < lengths.Length; i++)
        {
            int[] sequence = [.. before, .. Enumerable.Repeat(TinyModel.Vocabulary - 1, lengths[i]), .. after];
            double[][] rows = new ReferenceTransformer(model.Config, model.Values).Logits(sequence, [.. Enumerable.Range(0, sequence.Length)], (_, _) => true);
            int first = before.Length - (model.Config.LogitShift ? 1 : 0);
            double alone = rows[first..(first + lengths[i])].Average(row => 1 / row.Sum(v => Math.Exp(v - row.Max())));
            Assert.Equal(alone, together[i], 1e-4);
        }
    }
}
