using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>Predicts the rest of a line's indentation when the cursor is inside it, with one forward that also fills the K/V cache for the decode that follows. Runs on the decode thread.</summary>
internal sealed class IndentProbe(LoadedModel model, DecodeDriver driver)
{
    /// <param name="suffix">Tokens after the hole, for models that see them.</param>
    /// <param name="prior">The n-gram cache over the text before the partial token; null: none.</param>
    /// <param name="scored">Called after the forward.</param>
    /// <returns>The whitespace still to be inserted; often empty.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public string Ask(IndentQuestion question, int[] suffix, ITokenPrior? prior, DecodeOptions options, ICanvasScorer scorer, Action scored, CancellationToken cancellation)
    {
        ModelConfig config = model.Config;
        int block = config.IsCausallyReadable ? 1 : config.ContextBlockSize > 1 ? config.ContextBlockSize : options.BlockLength;
        int offset = config.ContextBlockSize > 1 ? question.Before.Length % block : 0;
        var task = new DecodeTask(question.Before, new Canvas(block - offset, model.Tokenizer.Special.Mask), suffix, _ => false) { Offset = offset };
        FirstPosition decoder = Decoders.First(task, block);
        using var run = new DecodeRun(decoder, task.Canvas, scorer)
        {
            Processors = LogitsProcessors.For(new ProcessorContext(task, [.. question.Extra.Keys], prior)),
            Cancellation = cancellation,
            Scored = scored,
        };
        driver.Complete(run);
        return question.Extra[decoder.Token!.Value];
    }
}
