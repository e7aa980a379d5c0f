using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Settings;

/// <summary>Maps the setting <c>suggestions</c> to one of a model's thresholds.</summary>
internal static class SuggestionThresholds
{
    /// <summary>The minimum probability of shown text; 0: everything is shown.</summary>
    public static double For(this ConfidenceThresholds thresholds, SuggestionMode mode) => mode switch
    {
        SuggestionMode.All => 0,
        SuggestionMode.Eager => thresholds.Eager,
        SuggestionMode.Balanced => thresholds.Balanced,
        SuggestionMode.Quiet => thresholds.Quiet,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
