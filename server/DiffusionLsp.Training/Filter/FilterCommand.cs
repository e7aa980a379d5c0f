using System.CommandLine;

namespace DiffusionLsp.Training.Filter;

/// <summary>The verb <c>filter</c>: collect trajectories, fit a filter to them, evaluate it beside the controls. Each is one file.</summary>
internal static class FilterCommand
{
    public static Command Create() => new("filter", "Trains and measures the filters of the decoders learn2pd and filter.")
    {
        CollectCommand.Create(),
        FitCommand.Create(),
        FilterEvaluateCommand.Create(),
    };
}
