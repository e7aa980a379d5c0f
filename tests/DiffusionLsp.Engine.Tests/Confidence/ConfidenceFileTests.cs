using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Tests.Confidence;

/// <summary>A confidence file round-trips, and is rejected in one sentence if it does not fit.</summary>
public sealed class ConfidenceFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ConfidenceFileTests() => File.WriteAllText(System.IO.Path.Combine(folder.Path, "config.json"), "{}");

    public void Dispose() => folder.Dispose();

    private ConfidenceModel Model(int inputs = -1) => new(ModelFingerprint.Of(folder.Path), new FilterNetwork([new FilterLayer(inputs < 0 ? ConfidenceFeatures.Count : inputs, 1,
        [.. Enumerable.Range(0, inputs < 0 ? ConfidenceFeatures.Count : inputs).Select(i => i / 100f)], [0.5f])]), new Calibration(0.9, 0.1), new ConfidenceThresholds(0.1, 0.4, 0.7));

    private string FilePath => System.IO.Path.Combine(folder.Path, ConfidenceFile.Name);

    [Fact]
    public void What_was_written_is_read()
    {
        ConfidenceFile.Write(folder.Path, Model());
        ConfidenceModel read = ConfidenceFile.Load(folder.Path);
        Assert.Equal(Model().Network!.Layers[0].Weights, read.Network!.Layers[0].Weights);
        Assert.Equal((Model().Calibration, Model().Thresholds), (read.Calibration, read.Thresholds));
    }

    [Fact]
    public void A_folder_without_one_has_the_models_own_probabilities() => Assert.Same(ConfidenceModel.Own, ConfidenceFile.Load(folder.Path));

    [Theory]
    [InlineData("\"quiet\":0.7", "\"quiet\":1.7", "thresholds")]
    [InlineData("\"featureVersion\":1", "\"featureVersion\":99", "version 99")]
    [InlineData("\"scale\":0.9", "\"scale\":-1", "calibration")]
    [InlineData("diffusion-lsp-confidence-1", "other", "format")]
    [InlineData("\"layers\"", "\"plates\"", "cannot be used")]
    public void What_does_not_fit_is_refused_in_a_sentence(string from, string to, string says)
    {
        ConfidenceFile.Write(folder.Path, Model());
        string text = File.ReadAllText(FilePath);
        Assert.Contains(from, text);
        File.WriteAllText(FilePath, text.Replace(from, to));
        var refused = Assert.Throws<EngineException>(() => ConfidenceFile.Load(folder.Path));
        Assert.Contains(says, refused.Message);
        Assert.Contains("delete it", refused.Message);
    }

    [Fact]
    public void It_belongs_to_its_weights()
    {
        ConfidenceFile.Write(folder.Path, Model());
        File.WriteAllText(System.IO.Path.Combine(folder.Path, "config.json"), "{ }");
        Assert.Contains("other weights", Assert.Throws<EngineException>(() => ConfidenceFile.Load(folder.Path)).Message);
    }

    [Fact]
    public void The_curve_never_rises_and_reaches_every_token()
    {
        var signals = new TokenSignals(0.6f, 0.2f, 1, 0, false, 0, 0, false);
        WrittenToken[] tokens = [new("value", 5, signals), new(".", 6, signals with { Probability = 0.99f }), new("Count", 11, signals with { Probability = 0.3f })];
        foreach (ConfidenceModel model in new[] { Model(), ConfidenceModel.Own })
        {
            SuggestionConfidence curve = model.Of(tokens, new CompletionPlace("csharp", "x = ", "", true, 100, false));
            Assert.Equal([5, 6, 11], curve.Tokens.Select(t => t.End));
            Assert.Equal(curve.Tokens.OrderByDescending(t => t.Probability), curve.Tokens);
            Assert.All(curve.Tokens, t => Assert.InRange(t.Probability, 0, 1));
        }
    }
}
