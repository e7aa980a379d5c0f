using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>A mixture of experts as plain loops over doubles, written from the papers: router, groups, weights, shared expert.</summary>
internal static class ReferenceExperts
{
    /// <summary>Weight of each expert for one row; 0 for those that are not chosen.</summary>
    /// <param name="logits">The router's scores.</param>
    /// <param name="bias">Added for the choice only; null: none.</param>
    public static double[] Weights(ExpertConfig config, double[] logits, float[]? bias)
    {
        double largest = logits.Max(), total = logits.Sum(l => Math.Exp(l - largest));
        double[] scores = [.. logits.Select(l => config.Score is RouterScore.Sigmoid ? 1 / (1 + Math.Exp(-l)) : Math.Exp(l - largest) / total)];
        double[] wish = [.. scores.Select((s, e) => s + (bias?[e] ?? 0))];
        int size = config.Count / config.Groups;
        int[] groups = [.. Enumerable.Range(0, config.Groups)
            .OrderByDescending(g => wish.Skip(g * size).Take(size).OrderDescending().Take(2).Sum()).Take(config.GroupsPerToken)];
        int[] chosen = [.. Enumerable.Range(0, config.Count).Where(e => groups.Contains(e / size)).OrderByDescending(e => wish[e]).Take(config.PerToken)];
        double sum = config.NormaliseWeights ? chosen.Sum(e => scores[e]) : 1;
        return [.. scores.Select((s, e) => chosen.Contains(e) ? s / sum * config.Scale : 0)];
    }
}
