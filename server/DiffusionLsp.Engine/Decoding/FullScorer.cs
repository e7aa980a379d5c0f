using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Scores a bidirectional model: every call is a forward over the whole sequence. It keeps nothing.</summary>
internal sealed class FullScorer(Transformer model) : ICanvasScorer
{
    public int Forwards { get; private set; }

    public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        int shift = model.Config.LogitShift ? 1 : 0;
        (int start, int end) = (window.Start, window.CanvasEnd);
        if (start < shift || end <= start) throw new ArgumentOutOfRangeException(nameof(window), "There is nothing to score, or no row to score it from.");
        var input = tensor(sequence.ToArray().Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0); // (1, T)
        var hidden = model.Forward(input, arange(sequence.Length, device: model.Device), AttentionScope.Full);
        Forwards++;
        return model.Logits(hidden[0].narrow(0, start - shift, end - start)).MoveToOuterDisposeScope();
    }
}
