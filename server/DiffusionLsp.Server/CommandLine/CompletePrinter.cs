using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Completion;
using Spectre.Console;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Prints one completion: as a picture, with colours on a terminal and with markers elsewhere, or as one JSON object.</summary>
internal static class CompletePrinter
{
    private const int LinesAround = 4;
    private const string Before = "├", After = "┤";
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Picture(CompleteResult result)
    {
        if (Console.IsOutputRedirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))) Plain(result, Console.Out);
        else Coloured(result, AnsiConsole.Console);
    }

    /// <summary>The picture in plain text; the completion is enclosed in markers.</summary>
    public static void Plain(CompleteResult result, TextWriter output)
    {
        foreach (PictureLine line in Lines(result))
            output.WriteLine($"{line.Number,5} | {line.Head}{(line.Begins ? Before : "")}{line.Written}{(line.Ends ? After : "")}{line.Tail}".TrimEnd());
        output.WriteLine();
        output.WriteLine(Figures(result));
    }

    public static void Json(CompleteResult result, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("file", result.Place.File);
            json.WriteNumber("line", result.Place.Line);
            json.WriteNumber("column", result.Place.Column);
            json.WriteString("completion", Text(result));
            json.WriteString("nothing", result.Outcome is Nothing nothing ? nothing.Reason.ToString() : null);
            json.WriteBoolean("singleLine", result.Request.SingleLine == true);
            if (result.Outcome is Suggestion suggestion) json.WriteNumber("confidence", Math.Round(suggestion.Confidence, 4));
            if (result.Outcome.Decode is { } decode) Decode(json, decode);
            json.WriteStartObject("model");
            json.WriteString("name", result.Model.Name);
            json.WriteString("folder", result.Model.Folder);
            json.WriteNumber("parameters", result.Model.Parameters);
            json.WriteString("device", result.Model.Device);
            json.WriteString("dataType", result.Model.DataType);
            json.WriteNumber("threads", result.Model.Threads);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        output.Write("\n"u8);
        output.Flush();
    }

    private static void Decode(Utf8JsonWriter json, InfillResult decode)
    {
        json.WriteString("raw", decode.Completion);
        json.WriteString("stopReason", InfillLine.Word(decode.StopReason));
        json.WriteNumber("forwards", decode.Forwards);
        json.WriteNumber("tokens", decode.Tokens);
        json.WriteNumber("promptTokens", decode.PromptTokens);
        json.WriteNumber("cachedPromptTokens", decode.CachedPromptTokens);
        json.WriteStartArray("tokenConfidence");
        foreach (TokenConfidence token in decode.Confidence.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("end", token.End);
            json.WriteNumber("probability", Math.Round(token.Probability, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (decode.Notice is { } notice) json.WriteString("notice", notice);
        json.WriteStartObject("milliseconds");
        json.WriteNumber("tokenize", Math.Round(decode.Timings.Tokenize, 3));
        json.WriteNumber("prompt", Math.Round(decode.Timings.Prompt, 3));
        json.WriteNumber("decode", Math.Round(decode.Timings.Decode, 3));
        json.WriteNumber("total", Math.Round(decode.Timings.Total, 3));
        json.WriteEndObject();
    }

    private static void Coloured(CompleteResult result, IAnsiConsole console)
    {
        foreach (PictureLine line in Lines(result))
        {
            string written = line.Written.Length > 0 ? $"[black on green]{Markup.Escape(line.Written)}[/]" : line.Begins ? "[black on yellow] [/]" : "";
            console.MarkupLine($"[grey]{line.Number,5} │[/] {Markup.Escape(line.Head)}{written}{Markup.Escape(line.Tail)}");
        }
        console.WriteLine();
        console.MarkupLine($"[grey]{Markup.Escape(Figures(result))}[/]");
    }

    /// <summary>The lines around the cursor with the completion inserted, numbered as they would be after accepting it.</summary>
    private static IEnumerable<PictureLine> Lines(CompleteResult result)
    {
        CompletionRequest request = result.Request;
        string[] above = ContextWindow.LineFeeds(request.Document.Text[..request.Offset]).Split('\n');
        string[] below = ContextWindow.LineFeeds(request.Document.Text[request.Offset..]).Split('\n');
        string[] written = Text(result).Split('\n');
        for (int i = Math.Max(0, above.Length - 1 - LinesAround); i < above.Length - 1; i++) yield return new PictureLine(i + 1, above[i]);
        for (int i = 0; i < written.Length; i++)
        {
            yield return new PictureLine(
                above.Length + i, i == 0 ? above[^1] : "", written[i], i == written.Length - 1 ? below[0] : "", Begins: i == 0, Ends: i == written.Length - 1);
        }
        for (int i = 1; i < Math.Min(below.Length, 1 + LinesAround); i++) yield return new PictureLine(above.Length + written.Length - 1 + i, below[i]);
    }

    private static string Figures(CompleteResult result)
    {
        string model = string.Create(CultureInfo.InvariantCulture, $"{result.Model.Name} ({result.Model.Parameters / 1e6:0.0} M parameters, {result.Model.Device}, {result.Model.Threads} threads)");
        string head = result.Outcome is Nothing nothing ? $"no suggestion ({nothing.Reason}) · " : "";
        if (result.Outcome.Decode is not { } decode) return head + model;
        return head + string.Create(CultureInfo.InvariantCulture,
            $"{decode.Tokens} tokens in {decode.Forwards} forwards · tokenize {decode.Timings.Tokenize:0.0} + prompt {decode.Timings.Prompt:0.0} + decode {decode.Timings.Decode:0.0} = {decode.Timings.Total:0.0} ms · {model}") + (decode.Notice is { } notice ? $"\n{notice}" : "");
    }

    private static string Text(CompleteResult result) => (result.Outcome as Suggestion)?.Text ?? "";

    private sealed record PictureLine(int Number, string Head, string Written = "", string Tail = "", bool Begins = false, bool Ends = false);
}
