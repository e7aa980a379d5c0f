using System.CommandLine;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using Spectre.Console;
using TorchSharp;

namespace DiffusionLsp.Training.Filter;

/// <summary>The verb <c>filter fit</c>: fits a filter to trajectories and reports on trajectories that the fit did not see.</summary>
internal static class FitCommand
{
    private static readonly double[] Thresholds = [0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99];

    public static Command Create()
    {
        Option<string[]> input = new("--input") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Trajectory files of one model and block length." };
        Option<string> output = new("--output") { Required = true, Description = "Filter file to write (.json)." };
        Option<string> kind = new("--kind") { DefaultValueFactory = _ => FilterFile.Name(FilterKind.Position), Description = "position (any block length) or published." };
        Option<int?> layers = new("--layers") { Description = "Linear layers, 1 to 8. Default: 3, published 2." };
        Option<int> width = new("--width") { DefaultValueFactory = _ => 32, Description = "Width of hidden layers of a position filter; a published filter's is its block length." };
        Option<int?> epochs = new("--epochs") { Description = "Passes over the rows. Default: 60, published 300." };
        Option<double> rate = new("--rate") { DefaultValueFactory = _ => 0.003, Description = "Learning rate." };
        Option<double> threshold = new("--threshold") { DefaultValueFactory = _ => 0.95, Description = "τ that the file recommends." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of split and weights." };
        var command = new Command("fit", "Fits a filter to trajectories.") { input, output, kind, layers, width, epochs, rate, threshold, seed };
        command.SetAction(p => Run(new Request(p.GetValue(input)!, p.GetValue(output)!, p.GetValue(kind)!, p.GetValue(layers), p.GetValue(width), p.GetValue(epochs),
            p.GetValue(rate), p.GetValue(threshold), p.GetValue(seed))));
        return command;
    }

    internal sealed record Request(IReadOnlyList<string> Input, string Output, string Kind, int? Layers, int Width, int? Epochs, double Rate, double Threshold, int Seed);

    internal static void Run(Request request)
    {
        FilterKind kind = Checked(request);
        NativeBackend.Load();
        LibtorchThreads.Set(1);
        (TrajectoryHeader header, IReadOnlyList<Trajectory> trajectories) = Read(request.Input);
        FilterDataset data = FilterDataset.Of(kind, trajectories, header.BlockLength, request.Seed);
        foreach (FilterRows rows in new[] { data.Train, data.Validation, data.Test })
            if (rows.Count == 0) throw new EngineException("The trajectories are too few to be split into training, validation and test; collect more with the verb filter collect.");
        int epochs = request.Epochs ?? (kind is FilterKind.Published ? 300 : 60);
        var options = new FilterFitter.Options(request.Layers ?? (kind is FilterKind.Published ? 2 : 3), kind is FilterKind.Published ? header.BlockLength : request.Width, epochs, request.Rate, request.Seed);
        FilterNetwork? network = null;
        Terminal.WithProgress(progress =>
        {
            ProgressTask bar = progress.AddTask("fit", maxValue: epochs);
            network = FilterFitter.Fit(data, options, (epoch, loss) =>
            {
                bar.Value = epoch;
                bar.Description = FormattableString.Invariant($"fit, validation loss {loss:F4}");
            });
        });
        Calibration calibration = FilterMetrics.Fit([.. Scored(network!, data.Validation)]);
        var filter = new CommitFilter(kind, header.Model, header.BlockLength, kind is FilterKind.Published ? 0 : PositionFeatures.Version, request.Threshold, calibration, network!);
        if (Path.GetDirectoryName(request.Output) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        FilterFile.Write(request.Output, filter);
        Console.Out.Write(Report(filter, data, trajectories.Count));
    }

    private static FilterKind Checked(Request request)
    {
        if (request.Layers is < 1 or > FilterNetwork.MostLayers) throw new EngineException($"--layers is {request.Layers}; it must be 1 to {FilterNetwork.MostLayers}.");
        if (request.Width is < 1 or > FilterNetwork.MostWidth) throw new EngineException($"--width is {request.Width}; it must be 1 to {FilterNetwork.MostWidth}.");
        if (request.Epochs is < 1) throw new EngineException($"--epochs is {request.Epochs}; it must be at least 1.");
        if (!(request.Threshold is >= 0 and <= 1)) throw new EngineException("--threshold must be from 0 to 1.");
        FilterKind[] kinds = [.. Enum.GetValues<FilterKind>().Where(k => FilterFile.Name(k) == request.Kind)];
        return kinds.Length == 1 ? kinds[0] : throw new EngineException($"There is no kind '{request.Kind}'; use position or published.");
    }

    private static (TrajectoryHeader, IReadOnlyList<Trajectory>) Read(IReadOnlyList<string> paths)
    {
        (TrajectoryHeader Header, IReadOnlyList<Trajectory> Trajectories)[] files = [.. paths.Select(TrajectoryFile.Read)];
        TrajectoryHeader first = files[0].Header;
        if (files.Any(f => f.Header.Model != first.Model || f.Header.BlockLength != first.BlockLength || f.Header.Reference != first.Reference))
            throw new EngineException("The trajectory files are of different models, block lengths or references; collect them again with the same options.");
        return (first, [.. files.SelectMany(f => f.Trajectories)]);
    }

    private static IEnumerable<(double Logit, bool Right)> Scored(FilterNetwork network, FilterRows rows) =>
        rows.Inputs.Zip(rows.Labels).SelectMany(row => network.Apply(row.First).Zip(row.Second, (logit, label) => ((double)logit, label > 0.5f)));

    private static string Report(CommitFilter filter, FilterDataset data, int trajectories)
    {
        (double Logit, bool Right)[] logits = [.. Scored(filter.Network, data.Test)];
        (double Probability, bool Right)[] scored = [.. logits.Select(s => (filter.Calibration.Probability(s.Logit), s.Right))];
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine(FormattableString.Invariant($"{trajectories} trajectories; rows: {data.Train.Count} training, {data.Validation.Count} validation, {data.Test.Count} test, of which {100.0 * scored.Count(s => s.Right) / scored.Length:F1} % are right."));
        text.WriteLine(FormattableString.Invariant($"Test: area under the curve {FilterMetrics.AreaUnderCurve(scored):F4}, calibration error {FilterMetrics.CalibrationError(scored):F4} (before calibration {FilterMetrics.CalibrationError([.. logits.Select(s => (Calibration.Identity.Probability(s.Logit), s.Right))]):F4})."));
        foreach (double threshold in Thresholds)
        {
            (double precision, double recall) = FilterMetrics.At(scored, threshold);
            text.WriteLine(FormattableString.Invariant($"τ {threshold:F2}: precision {precision:F4}, recall {recall:F4}"));
        }
        if (filter.Kind is FilterKind.Position) CompareWithConfidence(text, scored, [.. data.Test.Inputs.Select(i => (double)i[0])]);
        return text.ToString();
    }

    /// <summary>Compares the filter with the confidence alone on the same rows: a first indication of what it will save.</summary>
    private static void CompareWithConfidence(StringWriter text, (double Probability, bool Right)[] scored, double[] confidences)
    {
        (double, bool Right)[] plain = [.. confidences.Zip(scored, (c, s) => (c, s.Right))];
        text.WriteLine(FormattableString.Invariant($"Confidence alone: area under the curve {FilterMetrics.AreaUnderCurve(plain):F4}."));
        foreach (double threshold in Thresholds)
        {
            (double precision, double recall) = FilterMetrics.At(plain, threshold);
            double filtered = FilterMetrics.RecallAt(scored, precision);
            text.WriteLine(FormattableString.Invariant($"Confidence {threshold:F2}: precision {precision:F4}, recall {recall:F4}; the filter at this precision: recall {filtered:F4}"));
        }
    }
}
