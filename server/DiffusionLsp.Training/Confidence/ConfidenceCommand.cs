using System.CommandLine;

namespace DiffusionLsp.Training.Confidence;

/// <summary>The verb <c>confidence</c>: collects completions with the original text, fits the probability that a token is right, and evaluates what each threshold shows.</summary>
internal static class ConfidenceCommand
{
    public static Command Create() => new("confidence", "Fits and measures how sure one may be of a suggestion.")
    {
        ConfidenceCollectCommand.Create(),
        ConfidenceFitCommand.Create(),
        ConfidenceEvaluateCommand.Create(),
    };
}
