using System.Text.Json.Serialization;

namespace DiffusionLsp.Engine.Models;

/// <summary>Shape and routing rules of a mixture of experts: number, width, and how a row's experts are chosen.</summary>
public sealed record ExpertConfig
{
    private const int MostInAll = 1 << 16;

    /// <summary>Routed experts (E).</summary>
    public required int Count { get; init; }
    /// <summary>Experts applied to each row (k).</summary>
    public required int PerToken { get; init; }
    /// <summary>Width of one routed expert (I).</summary>
    public required int IntermediateSize { get; init; }
    /// <summary>Width of the shared expert, which is applied to every row; 0: none.</summary>
    public int SharedIntermediateSize { get; init; }
    /// <summary>Leading layers that have a dense SwiGLU layer instead.</summary>
    public int DenseLayers { get; init; }
    /// <summary>How the router's scores become weights.</summary>
    public RouterScore Score { get; init; } = RouterScore.Softmax;
    /// <summary>Whether a learned bias is added to the scores for the choice of experts, but not for their weights.</summary>
    public bool SelectionBias { get; init; }
    /// <summary>Number of equal groups of experts; a group is ranked by the sum of its two highest scores.</summary>
    public int Groups { get; init; } = 1;
    /// <summary>Groups from which a row's experts are chosen.</summary>
    public int GroupsPerToken { get; init; } = 1;
    /// <summary>Whether the chosen weights are normalised to sum to 1.</summary>
    public bool NormaliseWeights { get; init; }
    /// <summary>Factor applied to the sum of the routed experts.</summary>
    public double Scale { get; init; } = 1;

    /// <param name="layers">Layers of the model.</param>
    internal string? Problem(int layers)
    {
        if (Count < 1 || (long)Count * layers > MostInAll) return $"num_experts is {Count} in {layers} layers, which is out of range.";
        if (IntermediateSize is < 1 or > 1 << 20 || SharedIntermediateSize is < 0 or > 1 << 20) return "The experts' intermediate size is out of range.";
        if (!Enum.IsDefined(Score)) return $"The experts' score is {(int)Score}, which is not a known value.";
        if (!double.IsFinite(Scale) || Math.Abs(Scale) > 1e6) return $"routed_scaling_factor is {Scale}, which is out of range.";
        if (DenseLayers is < 0 or > 1 << 10) return $"first_k_dense_replace is {DenseLayers}, which is out of range.";
        if (Groups < 1 || Count % Groups != 0) return $"n_group ({Groups}) does not divide num_experts ({Count}).";
        if (GroupsPerToken < 1 || GroupsPerToken > Groups) return $"topk_group is {GroupsPerToken}, but there are {Groups} groups.";
        if (Groups > 1 && Count / Groups < 2) return $"n_group ({Groups}) leaves only one expert per group.";
        if (PerToken < 1 || PerToken > Count / Groups * GroupsPerToken) return $"num_experts_per_tok is {PerToken}, but a row can choose among {Count / Groups * GroupsPerToken}.";
        return null;
    }
}

/// <summary>How a router's scores become weights.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RouterScore>))]
public enum RouterScore
{
    /// <summary>Softmax over all experts.</summary>
    Softmax,
    /// <summary>Sigmoid of each expert's score.</summary>
    Sigmoid,
}
