using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Layers;

/// <summary>
/// A router and its experts (LLaDA-MoE, LLaDA2): each row goes through the few SwiGLU layers that the router chooses, and
/// through the shared one. For inference: the choice is copied to the host, so that only chosen experts run.
/// </summary>
/// <param name="router">(E, D), float32</param>
/// <param name="bias">(E), float32; added for the choice only; null: none</param>
/// <param name="gateUp">(E, 2I, D)</param>
/// <param name="down">(E, D, I)</param>
/// <param name="shared">(2S, D) and (D, S) of the shared expert; null: none</param>
internal sealed class MixtureOfExperts(ExpertConfig config, Tensor router, Tensor? bias, Tensor gateUp, Tensor down, (Tensor GateUp, Tensor Down)? shared)
{
    /// <param name="rows">(N, D)</param>
    /// <returns>(N, D)</returns>
    public Tensor Forward(Tensor rows)
    {
        var (weights, chosen) = Route(rows); // (N, k) each
        var sum = zeros_like(rows);
        using var one = 1.ToScalar();
        foreach ((long expert, long[] places) in Assignments(chosen))
        {
            using var scope = NewDisposeScope();
            var place = tensor(places, device: rows.device); // flat indices into (N, k)
            var row = tensor([.. places.Select(p => p / config.PerToken)], device: rows.device);
            var weight = weights.flatten().index_select(0, place).unsqueeze(1).to(rows.dtype);
            sum.index_add_(0, row, SwiGlu(rows.index_select(0, row), gateUp[expert], down[expert]) * weight, one);
        }
        return shared is { } both ? sum.Plus(SwiGlu(rows, both.GateUp, both.Down)) : sum;
    }

    /// <summary>down · (silu(gate · x) ⊙ up · x).</summary>
    private static Tensor SwiGlu(Tensor x, Tensor gateUp, Tensor down) => nn.functional.linear(Gated(x, gateUp), down);

    /// <summary>silu(gate · x) ⊙ up · x, with gate and up in one product.</summary>
    public static Tensor Gated(Tensor x, Tensor gateUp)
    {
        Tensor[] halves = nn.functional.linear(x, gateUp).chunk(2, dim: -1);
        return nn.functional.silu(halves[0]) * halves[1];
    }

    /// <summary>Weights and indices of each row's experts, (N, k) each, in float32, as the models were trained.</summary>
    private (Tensor Weights, Tensor Chosen) Route(Tensor rows)
    {
        var logits = nn.functional.linear(rows.to(ScalarType.Float32), router); // (N, E)
        var scores = config.Score is RouterScore.Softmax ? logits.softmax(-1) : logits.sigmoid();
        var preference = bias is null ? scores : scores.Plus(bias);
        if (config.Groups > 1) preference = preference.Masked(OutsideBestGroups(preference), double.NegativeInfinity);
        var chosen = preference.topk(config.PerToken, dim: -1).indexes;
        var weights = scores.gather(1, chosen);
        if (config.NormaliseWeights) weights = weights / weights.sum(-1, keepdim: true).Plus(1e-20);
        return (config.Scale == 1 ? weights : weights.Times(config.Scale), chosen);
    }

    /// <summary>(N, E) bool: experts of groups that a row may not choose from. A group is ranked by the sum of its two highest scores.</summary>
    private Tensor OutsideBestGroups(Tensor preference)
    {
        long rows = preference.shape[0], size = config.Count / config.Groups;
        var grouped = preference.view(rows, config.Groups, size).topk(2, dim: -1).values.sum(-1); // (N, G)
        var best = grouped.topk(config.GroupsPerToken, dim: -1).indexes;
        var outside = ones([rows, config.Groups], ScalarType.Bool, preference.device).scatter(1, best, zeros_like(best).to(ScalarType.Bool));
        return outside.unsqueeze(-1).expand(rows, config.Groups, size).reshape(rows, config.Count);
    }

    /// <summary>Expert → flat indices into the (N, k) choice.</summary>
    private static IEnumerable<(long Expert, long[] Places)> Assignments(Tensor chosen)
    {
        long[] experts = chosen.cpu().contiguous().data<long>().ToArray();
        return experts.Select((expert, place) => (expert, (long)place)).GroupBy(p => p.expert, p => p.Item2).Select(g => (g.Key, g.ToArray()));
    }
}
