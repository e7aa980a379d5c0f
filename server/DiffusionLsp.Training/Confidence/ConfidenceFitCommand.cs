using System.CommandLine;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Filter;
using DiffusionLsp.Training.Model;
using Spectre.Console;
using TorchSharp;

namespace DiffusionLsp.Training.Confidence;

/// <summary>
/// The verb <c>confidence fit</c>: fits the probability that a token is right given that everything before it is (a hazard: tokens after
/// a wrong one are not used), then the calibration of the product and the thresholds, both on packages that the network was not
/// fitted to.
/// </summary>
internal static class ConfidenceFitCommand
{
    private const int Parts = 4; // one of them calibrates

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder, into which confidence.json is written. Default: the embedded model." };
        Option<string> input = new("--input") { Required = true, Description = "File of the verb confidence collect." };
        Option<int> layers = new("--layers") { DefaultValueFactory = _ => 2, Description = $"Linear layers, 1 to {FilterNetwork.MostLayers}." };
        Option<int> width = new("--width") { DefaultValueFactory = _ => 32, Description = "Width of the hidden ones." };
        Option<int> epochs = new("--epochs") { DefaultValueFactory = _ => 100, Description = "Passes over the rows." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of split and weights." };
        var command = new Command("fit", "Fits confidence.json to completions.") { model, input, layers, width, epochs, seed };
        command.SetAction(p => Run(new Request(p.GetValue(model), p.GetValue(input)!, p.GetValue(layers), p.GetValue(width), p.GetValue(epochs), p.GetValue(seed))));
        return command;
    }

    internal sealed record Request(string? Model, string Input, int Layers, int Width, int Epochs, int Seed);

    internal static void Run(Request request)
    {
        if (request.Layers is < 1 or > FilterNetwork.MostLayers) throw new EngineException($"--layers is {request.Layers}; it must be 1 to {FilterNetwork.MostLayers}.");
        if (request.Width is < 1 or > FilterNetwork.MostWidth) throw new EngineException($"--width is {request.Width}; it must be 1 to {FilterNetwork.MostWidth}.");
        if (request.Epochs < 1) throw new EngineException($"--epochs is {request.Epochs}; it must be at least 1.");
        string folder = EmbeddedModel.FolderOr(request.Model);
        (ConfidenceHeader header, IReadOnlyList<ConfidenceCase> cases) = ConfidenceCaseFile.Read(request.Input);
        if (header.Model != ModelFingerprint.Of(folder)) throw new EngineException($"'{request.Input}' was collected with other weights than those in '{folder}'; collect it again.");
        if (header.Split == "eval") throw new EngineException($"'{request.Input}' holds held-out packages, which are for measuring; collect the split train.");
        NativeBackend.Load();
        LibtorchThreads.Set(1);
        bool Calibrates(ConfidenceCase c) => RowSource.HashCode(request.Seed, (long)StableHash.Of(c.Package)) % Parts == 0;
        ConfidenceCase[] fitted = [.. cases.Where(c => !Calibrates(c))], held = [.. cases.Where(Calibrates)];
        FilterRows train = Hazards(fitted), check = Hazards(held);
        if (train.Count == 0 || check.Count == 0) throw new EngineException("The completions are of too few packages to be split; collect more with the verb confidence collect.");
        FilterNetwork? network = null;
        Terminal.WithProgress(progress =>
        {
            ProgressTask bar = progress.AddTask("fit", maxValue: request.Epochs);
            network = FilterFitter.Fit(new FilterDataset(train, check, new FilterRows()), new FilterFitter.Options(request.Layers, request.Width, request.Epochs, 0.003, request.Seed), (epoch, loss) =>
            {
                bar.Value = epoch;
                bar.Description = FormattableString.Invariant($"fit, validation loss {loss:F4}");
            });
        });
        var model = new ConfidenceModel(header.Model, network, Calibration.Identity, ConfidenceThresholds.Default);
        Calibration calibration = FilterMetrics.Fit([.. held.SelectMany(c => model.Products(c.Tokens, c.Place).Zip(c.Tokens, (p, t) => (ConfidenceModel.Logit(p), c.IsRight(t.End))))]);
        model = model with { Calibration = calibration };
        (ConfidenceCase, SuggestionConfidence)[] judged = [.. held.Select(c => (c, model.Of(c.Tokens, c.Place)))];
        model = model with { Thresholds = ThresholdChoice.Of(ConfidenceCurve.Of(judged, ConfidenceCurve.Thresholds)) };
        ConfidenceFile.Write(folder, model);
        double error = FilterMetrics.CalibrationError([.. ConfidenceCurve.Tokens(judged)]);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cases.Count} completions of {cases.Select(c => c.Package).Distinct().Count()} packages; {train.Count} tokens fitted, {check.Count} to check. Calibration error {100 * error:F1} points; thresholds {model.Thresholds.Eager}, {model.Thresholds.Balanced}, {model.Thresholds.Quiet}. Written to {Path.Combine(folder, ConfidenceFile.Name)}."));
    }

    /// <summary>Each completion's tokens up to the first wrong one.</summary>
    private static FilterRows Hazards(IEnumerable<ConfidenceCase> cases)
    {
        var rows = new FilterRows();
        foreach (ConfidenceCase c in cases)
        {
            float[][] features = ConfidenceFeatures.Of(c.Tokens, c.Place);
            for (int i = 0; i < features.Length; i++)
            {
                bool right = c.IsRight(c.Tokens[i].End);
                rows.Add(features[i], [right ? 1 : 0]);
                if (!right) break;
            }
        }
        return rows;
    }
}
