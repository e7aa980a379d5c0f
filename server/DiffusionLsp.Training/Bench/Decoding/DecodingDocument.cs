using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary><c>bench decoding-document</c>: writes the table of a finished run between the marks of a document, and its plot. It measures nothing.</summary>
internal static class DecodingDocument
{
    public static Command Create()
    {
        Option<string> json = new("--json") { Required = true, Description = "The numbers, as bench decoding wrote them." };
        Option<string> document = new("--document") { Required = true, Description = $"Markdown with the marks {ResultDocument.Begin} and {ResultDocument.End}." };
        Option<string?> part = new("--part") { Description = $"Write between the marks of this part, for example {ResultDocument.Marks("canvas 1024").Begin}, and leave the rest of the document as it is." };
        Option<string?> plot = new("--plot") { Description = "Write the plot here (PNG)." };
        var command = new Command("decoding-document", "Writes the measured table into a document.") { json, document, part, plot };
        command.SetAction(p => Run(p.GetValue(json)!, p.GetValue(document)!, p.GetValue(part), p.GetValue(plot)));
        return command;
    }

    private static void Run(string json, string document, string? part, string? plot)
    {
        DecodingReport report;
        try
        {
            report = JsonSerializer.Deserialize<DecodingReport>(File.ReadAllText(json), EvaluateCommand.Json) ?? throw new JsonException("it contains null");
        }
        catch (JsonException e)
        {
            throw new EngineException($"'{json}' is not what bench decoding writes with --json: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        string text = part is null ? DecodingTable.Markdown(report) : DecodingTable.Tables(report); // the columns are explained once
        File.WriteAllText(document, ResultDocument.Replace(File.ReadAllText(document), text, document, part));
        if (plot is not null) DecodingPlot.Save(report, plot);
    }
}
