using System.Runtime.CompilerServices;
using System.Text;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Settings;

/// <summary>The table in docs/EDITORS.md is generated from the settings table. <c>UPDATE_GOLDEN=1</c> rewrites it.</summary>
public class SettingsDocumentTests
{
    private const string Start = "dotnet test tests/DiffusionLsp.Server.Tests -->\n", End = "<!-- end of settings -->";

    [Fact]
    public void The_documented_settings_are_the_settings()
    {
        string path = Document();
        string text = File.ReadAllText(path);
        int start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length, end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Start.Length && end >= start, "docs/EDITORS.md has lost its marks");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, text[..start] + Table() + text[end..]);
        else Assert.Equal(Table(), text[start..end]);
    }

    private static string Table()
    {
        var defaults = new ServerSettings();
        var table = new StringBuilder("| Setting | Default | Accepts | What it does |\n|---|---|---|---|\n");
        foreach (Setting setting in ServerSettings.All)
            table.Append($"| `{setting.Name}` | `{setting.ValueOf(defaults)}` | {setting.Kind.Accepts} | {setting.Description} |\n");
        return table.ToString();
    }

    private static string Document([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "EDITORS.md"));
}
