using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>Losses on fixed validation rows, by language. Rows and noise never change, so that measurements are comparable.</summary>
internal sealed class Validator(TrainingOptions options, CodeTokenizer tokenizer, IReadOnlyList<string> languages, IReadOnlyList<TokenShard> shards)
{
    private const int RowsPerLanguage = 16;

    private readonly RowSource[] sources = [.. shards.Select(s => new RowSource(options with { Seed = 0 }, tokenizer, [s], [1]))];

    /// <summary>Losses by language.</summary>
    /// <param name="weights">(layout.Length)</param>
    public IReadOnlyDictionary<string, StepLosses> Measure(FlatLayout layout, Tensor weights)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var step = new ObjectiveStep(options, layout, weights.device);
        return languages.Select((language, i) => (language, Losses: step.Evaluate(weights, Batch(sources[i])))).ToDictionary(l => l.language, l => l.Losses);
    }

    private TrainingBatch Batch(RowSource source) =>
        TrainingBatch.Create(options, tokenizer.Special, [.. Enumerable.Range(0, RowsPerLanguage).Select(r => source.Row(r))], new Random(0));
}
