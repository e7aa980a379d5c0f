using System.CommandLine;
using System.Globalization;
using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Training.Filter;

namespace DiffusionLsp.Training.Confidence;

/// <summary>The verb <c>confidence evaluate</c>: what users would see of held-out completions at each setting, how well the probabilities are calibrated, and two plots.</summary>
internal static class ConfidenceEvaluateCommand
{
    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string> input = new("--input") { Required = true, Description = "File of the verb confidence collect with --split eval." };
        Option<string?> output = new("--output") { Description = "Write the table here (Markdown) instead of to stdout." };
        Option<string?> plots = new("--plots") { Description = "Folder for reliability.png and precision.png." };
        var command = new Command("evaluate", "Measures what is shown at each setting.") { model, input, output, plots };
        command.SetAction(p => Run(p.GetValue(model), p.GetValue(input)!, p.GetValue(output), p.GetValue(plots)));
        return command;
    }

    internal static void Run(string? folder, string input, string? output, string? plots)
    {
        folder = EmbeddedModel.FolderOr(folder);
        (ConfidenceHeader header, IReadOnlyList<ConfidenceCase> cases) = ConfidenceCaseFile.Read(input);
        if (header.Model != ModelFingerprint.Of(folder)) throw new EngineException($"'{input}' was collected with other weights than those in '{folder}'; collect it again.");
        ConfidenceModel model = ConfidenceFile.Load(folder);
        (ConfidenceCase Case, SuggestionConfidence Confidence)[] judged = [.. cases.Select(c => (c, model.Of(c.Tokens, c.Place)))];
        string table = Table(judged, model.Thresholds);
        if (output is null) Console.Out.Write(table);
        else File.WriteAllText(output, table);
        if (plots is not null) ConfidencePlot.Save(judged, model.Thresholds, plots);
    }

    private static string Table(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, ConfidenceThresholds thresholds)
    {
        var text = new StringBuilder("| language | task | suggestions | completions | shown % | right of shown % | wrong per 100 | saved, % of all |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
        void Rows(string language, string task, (ConfidenceCase, SuggestionConfidence)[] group)
        {
            foreach ((string name, ConfidencePoint p) in ConfidenceCurve.AtSettings(group, thresholds))
                text.Append(CultureInfo.InvariantCulture, $"| {language} | {task} | {name} | {p.Cases} | {100.0 * p.Shown / p.Cases:F1} | {100 * p.Precision:F1} | {100.0 * p.Wrong / p.Cases:F1} | {100 * p.Kept:F1} |\n");
        }
        Rows("all", "all", [.. judged]);
        foreach (var group in judged.GroupBy(j => j.Case.Language)) Rows(group.Key, "all", [.. group]);
        foreach (var group in judged.GroupBy(j => j.Case.Task)) Rows("all", group.Key, [.. group]);
        text.Append("\nExpected calibration error (15 bins), in points, over the tokens: ");
        text.AppendJoin(", ", judged.GroupBy(j => j.Case.Language).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {100 * FilterMetrics.CalibrationError([.. ConfidenceCurve.Tokens(g)]):F1}")));
        text.Append(CultureInfo.InvariantCulture, $", all {100 * FilterMetrics.CalibrationError([.. ConfidenceCurve.Tokens(judged)]):F1}. ");
        text.Append(CultureInfo.InvariantCulture, $"Area under the ROC curve, over the tokens: {FilterMetrics.AreaUnderCurve([.. ConfidenceCurve.Tokens(judged)]):F3}; of the model's own probabilities ");
        text.Append(CultureInfo.InvariantCulture, $"{FilterMetrics.AreaUnderCurve([.. ConfidenceCurve.Tokens(judged.Select(j => (j.Case, ConfidenceModel.Own.Of(j.Case.Tokens, j.Case.Place))))]):F3}.\n");
        return text.ToString();
    }
}
