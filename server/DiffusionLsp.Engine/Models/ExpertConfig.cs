using System.Text.Json.Serialization;

namespace DiffusionLsp.Engine.Models;

/// <summary>A mixture of experts: how many there are, how wide, and how a row finds its own. Shapes and rules only.</summary>
public sealed record ExpertConfig
{
    private const int MostInAll = 1 << 16;

    /// <summary>Routed experts (E).</summary>
    public required int Count { get; init; }
    /// <summary>Experts that each row goes through.</summary>
    public required int PerToken { get; init; }
    /// <summary>Width of one routed expert (I).</summary>
    public required int IntermediateSize { get; init; }
    /// <summary>Width of the expert that every row goes through; 0: none.</summary>
    public int SharedIntermediateSize { get; init; }
    /// <summary>Leading layers that have an ordinary SwiGLU layer instead.</summary>
    public int DenseLayers { get; init; }
    /// <summary>What turns the router's scores into weights.</summary>
    public RouterScore Score { get; init; } = RouterScore.Softmax;
    /// <summary>Whether a learned bias is added for the choice, and for the choice only.</summary>
    public bool SelectionBias { get; init; }
    /// <summary>Experts come in so many equal groups; a group counts by the sum of its two best.</summary>
    public int Groups { get; init; } = 1;
    /// <summary>Groups that a row may choose from.</summary>
    public int GroupsPerToken { get; init; } = 1;
    /// <summary>Whether the chosen weights are divided by their sum.</summary>
    public bool NormaliseWeights { get; init; }
    /// <summary>Factor of the routed experts' sum.</summary>
    public double Scale { get; init; } = 1;

    /// <param name="layers">Layers of the model.</param>
    internal string? Problem(int layers)
    {
        if (Count < 1 || (long)Count * layers > MostInAll) return $"num_experts is {Count} in {layers} layers, which is out of range.";
        if (IntermediateSize is < 1 or > 1 << 20 || SharedIntermediateSize is < 0 or > 1 << 20) return "The experts' intermediate size is out of range.";
        if (!Enum.IsDefined(Score)) return $"The experts' score is {(int)Score}, which means nothing.";
        if (!double.IsFinite(Scale) || Math.Abs(Scale) > 1e6) return $"routed_scaling_factor is {Scale}, which is out of range.";
        if (DenseLayers is < 0 or > 1 << 10) return $"first_k_dense_replace is {DenseLayers}, which is out of range.";
        if (Groups < 1 || Count % Groups != 0) return $"n_group ({Groups}) does not divide num_experts ({Count}).";
        if (GroupsPerToken < 1 || GroupsPerToken > Groups) return $"topk_group is {GroupsPerToken}, but there are {Groups} groups.";
        if (Groups > 1 && Count / Groups < 2) return $"n_group ({Groups}) leaves one expert to a group.";
        if (PerToken < 1 || PerToken > Count / Groups * GroupsPerToken) return $"num_experts_per_tok is {PerToken}, but a row can choose among {Count / Groups * GroupsPerToken}.";
        return null;
    }
}

/// <summary>What turns a router's scores into weights.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RouterScore>))]
public enum RouterScore
{
    /// <summary>Over all experts together.</summary>
    Softmax,
    /// <summary>Each expert for itself.</summary>
    Sigmoid,
}
