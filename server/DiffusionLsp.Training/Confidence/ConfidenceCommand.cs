using System.CommandLine;

namespace DiffusionLsp.Training.Confidence;

/// <summary>The verb <c>confidence</c>: collect completions beside the truth, fit how probable it is that a token is right, evaluate what is shown at each threshold.</summary>
internal static class ConfidenceCommand
{
    public static Command Create() => new("confidence", "Fits and measures how sure one may be of a suggestion.")
    {
        ConfidenceCollectCommand.Create(),
        ConfidenceFitCommand.Create(),
        ConfidenceEvaluateCommand.Create(),
    };
}
