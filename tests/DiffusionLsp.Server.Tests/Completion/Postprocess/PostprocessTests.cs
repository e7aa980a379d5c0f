using System.Runtime.CompilerServices;
using System.Text;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Completion.Postprocess;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion.Postprocess;

/// <summary>
/// The golden cases beside this file: a text with its cursor, the model's text, and the resulting suggestion (between ├ and
/// ┤), or the reason for none. <c>UPDATE_GOLDEN=1</c> rewrites the expectations.
/// </summary>
public class PostprocessTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in Directory.GetFiles(Folder(), "*.case.txt").Order(StringComparer.Ordinal))
            foreach (GoldenCase golden in GoldenCase.ReadAll(file)) data.Add(Path.GetFileName(file), golden.Name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden(string file, string name)
    {
        string path = Path.Combine(Folder(), file);
        GoldenCase golden = GoldenCase.ReadAll(path).Single(c => c.Name == name);
        string actual = Run(golden);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") GoldenCase.Update(path, name, actual);
        else Assert.Equal(golden.Expected, actual);
        // Models that learned from Windows files write CRLF; it makes no difference.
        Assert.Equal(actual, Run(golden with { Model = golden.Model.Replace("\n", "\r\n") }));
        Assert.Equal(actual.Replace("\n", "\r\n"), Run(golden with { Text = golden.Text.Replace("\n", "\r\n") }).ReplaceLineEndings("\r\n"));
    }

    private static string Run(GoldenCase golden)
    {
        (string text, int offset) = Cursor.Split(golden.Text);
        var request = new CompletionRequest
        {
            Document = new TextDocument("file:///a", "typescript", 1, text), Offset = offset,
            Trigger = CompletionTrigger.Automatic, Source = CompletionSource.Inline, Settings = new ServerSettings(),
        };
        (string prefix, string suffix) = ContextWindow.Cut(request);
        (string written, int replaced, var reason) = PostprocessChain.Apply(golden.Model, Surroundings.Of(prefix, suffix, golden.SingleLine, golden.Language), Replacing.Closers);
        return reason is { } why ? $"nothing: {why}" : text.Remove(offset, replaced).Insert(offset, $"├{written}┤");
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}

/// <summary>One case: <c>=== single|multi name</c>, the text, <c>--- model</c>, <c>--- expect</c>. In structure.case.txt the name begins with the language.</summary>
internal sealed record GoldenCase(string Name, bool SingleLine, string? Language, string Text, string Model, string Expected)
{
    private const string Start = "=== ", ModelMark = "--- model", ExpectMark = "--- expect";

    public static List<GoldenCase> ReadAll(string path)
    {
        string[] blocks = ("\n" + File.ReadAllText(path)).Split("\n" + Start)[1..];
        return [.. blocks.Select(block => Parse(block, Path.GetFileName(path) == "structure.case.txt"))];
    }

    public static void Update(string path, string name, string expected)
    {
        var all = new StringBuilder();
        foreach (GoldenCase golden in ReadAll(path))
        {
            string mode = golden.SingleLine ? "single" : "multi";
            all.Append($"{Start}{mode} {golden.Name}\n{golden.Text}\n{ModelMark}\n{golden.Model}\n{ExpectMark}\n{(golden.Name == name ? expected : golden.Expected)}\n");
        }
        File.WriteAllText(path, all.ToString());
    }

    private static GoldenCase Parse(string block, bool isOfLanguage)
    {
        int head = block.IndexOf('\n'), model = block.IndexOf($"\n{ModelMark}\n", StringComparison.Ordinal), expect = block.IndexOf($"\n{ExpectMark}\n", StringComparison.Ordinal);
        string[] title = block[..head].Split(' ', 2);
        Assert.True(title[0] is "single" or "multi", $"a case is single or multi, not '{title[0]}'");
        return new GoldenCase(
            title[1], title[0] == "single", isOfLanguage ? title[1].Split(' ')[0] : null, block[(head + 1)..model],
            block[(model + ModelMark.Length + 2)..expect], block[(expect + ExpectMark.Length + 2)..].TrimEnd('\n'));
    }
}
