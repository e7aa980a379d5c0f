using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>The control from text to text: it copies what the file repeats, and stops where a hole must end.</summary>
public sealed class FileNgramMethodTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CodeTokenizer tokenizer;

    public FileNgramMethodTests() => tokenizer = SmallTokenizer.Train(folder.Path);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.Add(one);\nb.Add(two);\na.Add(║one);║\nend\n", "one);")]
    [InlineData("║last();║\nfirst();\nlast();\nfirst();\nlast();\n", null)] // nothing before the hole: any answer, but one line
    [InlineData("if (x)\n    go(1);\nstop();\nif (x)\n    ║go(1);║\nstop();\nmore();\n", "go(1);")]
    public void Completes_a_line(string marked, string? expected)
    {
        MethodResult result = Complete(marked, HoleKind.RestOfLine);
        Assert.DoesNotContain('\n', result.Completion);
        if (expected is not null) Assert.Equal(expected, result.Completion);
        Assert.Equal(0, result.Forwards);
    }

    [Fact]
    public void Completes_a_block_up_to_the_text_after_it() =>
        Assert.Equal("go(1);\n    run(2);", Complete("{\n    go(1);\n    run(2);\n}\nvoid B()\n{\n    ║go(1);\n    run(2);║\n}\nvoid C()\n", HoleKind.Block).Completion.TrimEnd());

    [Fact]
    public void Writes_no_more_lines_than_a_block_has()
    {
        string completion = Complete("    x;\n    x;\n    x;\n    x;\n    ║x;\n    x;║\n\tother\n", HoleKind.Block).Completion;
        Assert.Equal(EvaluationTasks.MaxLines(HoleKind.Block), completion.Split('\n').Length);
    }

    private MethodResult Complete(string marked, HoleKind kind)
    {
        string[] parts = marked.Split('║');
        return new FileNgramMethod(tokenizer).Complete(new EvaluationCase("csharp", "p", "f", string.Concat(parts), new Hole(kind, parts[0].Length, parts[0].Length + parts[1].Length)));
    }
}
