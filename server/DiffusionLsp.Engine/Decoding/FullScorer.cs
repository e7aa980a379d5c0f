using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Scores a bidirectional model: every call is a forward over the whole sequence. It keeps nothing.</summary>
/// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
internal sealed class FullScorer(Transformer model, int threads = 1) : IKeepingScorer
{
    public int Forwards { get; private set; }

    public int Capacity => int.MaxValue;

    public int Reusable(ReadOnlySpan<int> sequence) => 0;

    public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        int shift = model.Config.LogitShift ? 1 : 0;
        (int start, int end) = (window.Start, window.CanvasEnd);
        if (start < shift || end <= start) throw new ArgumentOutOfRangeException(nameof(window), "There is nothing to score, or no row to score it from.");
        ForwardThreads.Choose(model, sequence.Length, threads);
        var input = tensor(sequence.ToArray().Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0); // (1, T)
        var hidden = model.Forward(input, HeldScalars.Range(0, sequence.Length, model.Device), AttentionScope.Full with { Cancellation = window.Cancellation });
        Forwards++;
        return model.Logits(hidden[0].narrow(0, start - shift, end - start)).MoveToOuterDisposeScope();
    }

    public void Forget()
    {
    }

    public void Dispose()
    {
    }
}
