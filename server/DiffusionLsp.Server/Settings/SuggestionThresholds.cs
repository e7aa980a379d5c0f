using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Settings;

/// <summary>Which of a model's thresholds a value of the setting <c>suggestions</c> stands for.</summary>
internal static class SuggestionThresholds
{
    /// <summary>The probability of being right from which on text is shown; 0: all of it.</summary>
    public static double For(this ConfidenceThresholds thresholds, SuggestionMode mode) => mode switch
    {
        SuggestionMode.All => 0,
        SuggestionMode.Eager => thresholds.Eager,
        SuggestionMode.Balanced => thresholds.Balanced,
        SuggestionMode.Quiet => thresholds.Quiet,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
