using System.Runtime.CompilerServices;
using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The table of knobs in docs/DECODING.md is generated from the knobs. <c>UPDATE_GOLDEN=1</c> rewrites it.</summary>
public sealed class DecodeKnobsDocumentTests
{
    private const string Start = "dotnet test tests/DiffusionLsp.Engine.Tests -->\n", End = "<!-- end of knobs -->";

    [Fact]
    public void The_documented_knobs_are_the_knobs()
    {
        string path = Document();
        string text = File.ReadAllText(path);
        int start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length, end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Start.Length && end >= start, "docs/DECODING.md has lost its marks");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, text[..start] + Table() + text[end..]);
        else Assert.Equal(Table(), text[start..end]);
    }

    private static string Table()
    {
        var table = new StringBuilder("| Setting | Option | Default | Accepts | Read by | What it does |\n|---|---|---|---|---|---|\n");
        foreach (Knob knob in DecodeKnobs.All)
            table.Append($"| {(knob.IsSetting ? $"`{knob.Name}`" : "–")} | `{knob.Option}` | `{knob.Kind.Json(knob.Default)}` | {knob.Kind.Accepts} | {Readers(knob)} | {knob.Description} |\n");
        return table.ToString();
    }

    private static string Readers(Knob knob)
    {
        string[] names = [.. Decoders.Rows.Where(row => row.Knobs.Contains(knob)).Select(row => $"`{row.Name}`"), .. EndOfTextRules.Rows.Where(row => row.Knobs.Contains(knob)).Select(row => $"rule `{row.Name}`")];
        return names.Length == 0 ? "all" : string.Join(", ", names);
    }

    private static string Document([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "DECODING.md"));
}
