using System.CommandLine;

namespace DiffusionLsp.Training.Filter;

/// <summary>The verb <c>filter</c>: collects trajectories, fits a filter to them, evaluates it against the controls. One file each.</summary>
internal static class FilterCommand
{
    public static Command Create() => new("filter", "Trains and measures the filters of the decoders learn2pd and filter.")
    {
        CollectCommand.Create(),
        FitCommand.Create(),
        FilterEvaluateCommand.Create(),
    };
}
