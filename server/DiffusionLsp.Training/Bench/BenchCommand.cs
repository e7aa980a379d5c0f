using System.CommandLine;
using DiffusionLsp.Training.Bench.Decoding;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Filter;

namespace DiffusionLsp.Training.Bench;

/// <summary>The verb <c>bench</c>: a table of benchmarks, one file each. It measures nothing itself.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measures speed and quality.")
    {
        KeystrokeBench.Create(),
        RowsBench.Create(),
        ConfidenceBench.Create(),
        Batch.BatchBench.Create(),
        Forward.ForwardBench.Create(),
        Step.StepBench.Create(),
        DecodingBench.Create(),
        DecodingDocument.Create(),
        Gpu.GpuSessionCommand.Create(),
        FilterEvaluateCommand.Create("filter"),
        EvaluateCommand.Create(),
    };
}
