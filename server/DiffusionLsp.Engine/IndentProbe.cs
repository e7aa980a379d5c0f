using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>Lets the model say how far a line is indented whose indentation the cursor cuts: one forward, which reads the prompt for the decode that follows. Runs on the device thread.</summary>
internal sealed class IndentProbe(LoadedModel model, DecodeDriver driver)
{
    /// <param name="suffix">Tokens behind the hole, for models that see to the right.</param>
    /// <param name="prior">The n-gram cache over the text before the cut token; null: none.</param>
    /// <param name="scored">Told after the forward.</param>
    /// <returns>The white space that is still to be written; often none.</returns>
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
