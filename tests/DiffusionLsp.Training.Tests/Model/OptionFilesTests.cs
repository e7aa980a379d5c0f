using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>The options of eng/training load, and those of the next model train on real text.</summary>
[Collection("console")]
public sealed class OptionFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(Root(), "eng", "training"), "*.json").Select(f => Path.GetFileName(f))];

    [Theory, MemberData(nameof(Files))]
    public void Options_load_and_are_written_as_they_are_read(string file)
    {
        TrainingOptions options = Load(file);
        File.WriteAllText(folder.File("again.json"), options.ToJson());
        Assert.Equal(options.ToJson(), TrainingOptions.Load(folder.File("again.json")).ToJson());
    }

    [Theory]
    [InlineData("\"holes\": { \"restOfLine\": -1 }", "at least 0")]
    [InlineData("\"holes\": { \"besideTheLine\": 1 }", "besideTheLine")]
    [InlineData("\"fimMiddle\": \"sometimes\"", "FimMiddle")]
    [InlineData("\"crossFileFraction\": 2", "CrossFileFraction")]
    public void Wrong_options_get_a_sentence(string option, string cause)
    {
        string text = File.ReadAllText(Path.Combine(Root(), "eng", "training", "nano-1-autoregressive.json"));
        File.WriteAllText(folder.File("wrong.json"), text.Replace("\"rowTokens\": 256", option));
        Assert.Contains(cause, Assert.Throws<EngineException>(() => TrainingOptions.Load(folder.File("wrong.json"))).Message);
    }

    [Fact, Trait("tier", "slow")]
    public void The_next_model_trains_on_the_samples()
    {
        TrainingOptions options = Load("nano-next-1.json");
        Assert.InRange(ParameterTable.Count(options.Model), 40_000_000, 60_000_000);
        string tokenizer = Path.Combine(Root(), "models", "nano");
        CodeTokenizer loaded = CodeTokenizer.Load(tokenizer);
        var documents = new CorpusTokenizer(loaded);
        Assert.Equal(Languages.Known.Order(), options.Languages.Keys.Order());
        foreach (string language in options.Languages.Keys)
            foreach (string split in new[] { "train", "validation" })
                TokenShardWriter.Write(folder.Path, $"{language}.{split}", [.. Samples(language, split).Select(documents.Tokenize)], loaded.VocabularySize, loaded.Fingerprint);
        ModelConfig small = options.Model with { HiddenSize = 64, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadSize = 32, IntermediateSize = 96 };
        File.WriteAllText(folder.File("options.json"), (options with { Model = small, Steps = 4, WarmupSteps = 1, DecaySteps = 2, BatchRows = 2 }).ToJson());
        ModelCommand.Run(new(folder.File("options.json"), folder.Path, tokenizer, folder.File("run"), null, null, "cpu", 60, double.PositiveInfinity));
        TrainingMetrics last = new RunFolder(folder.File("run")).Metrics()[^1];
        Assert.Equal(4, last.Step);
        Assert.InRange(last.Autoregressive, 1, 10);
        Assert.Equal(options.Languages.Keys.Order(), last.Validation!.Keys.Order());
    }

    /// <summary>Only the embedded model's languages have samples: C#'s stand for the others'.</summary>
    private static IEnumerable<CorpusDocument> Samples(string language, string split) =>
        OwnTexts.Of(Languages.All.Contains(language) ? language : "csharp", split == "train" ? "train" : "eval");

    private static TrainingOptions Load(string file) => TrainingOptions.Load(Path.Combine(Root(), "eng", "training", file));

    private static string Root()
    {
        string at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "DiffusionLsp.sln"))) at = Path.GetDirectoryName(at)!;
        return at;
    }

    public void Dispose() => folder.Dispose();
}
