using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Probes lengths with libtorch, several in one forward.</summary>
/// <param name="blocked">(V): 0, or −∞ for ids that are never text. Not owned.</param>
internal sealed class TensorLengthProbe(Transformer model, Tensor blocked, int mask) : LengthProbe(mask)
{
    protected override double[] Together(int[] before, int[] after, int[] lengths, CancellationToken cancellation)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        long[] ids = [.. lengths.SelectMany(l => before.Concat(Enumerable.Repeat(Mask, l)).Concat(after)).Select(id => (long)id)];
        long[] positions = [.. lengths.SelectMany(l => Enumerable.Range(0, before.Length + l + after.Length)).Select(p => (long)p)];
        long[] candidate = [.. lengths.SelectMany((l, i) => Enumerable.Repeat((long)i, before.Length + l + after.Length))];
        var of = tensor(candidate, device: model.Device);
        var hidden = model.Forward(tensor(ids, device: model.Device).unsqueeze(0), tensor(positions, device: model.Device),
            new AttentionScope(null, of.unsqueeze(1) == of.unsqueeze(0), false) { Cancellation = cancellation }); // (1, T, D)
        Forwards++;

        int shift = model.Config.LogitShift ? 1 : 0, start = 0;
        var rows = new List<long>();
        foreach (int length in lengths)
        {
            rows.AddRange(Enumerable.Range(start + before.Length - shift, length).Select(r => (long)r));
            start += before.Length + length + after.Length;
        }
        var logits = model.Logits(hidden[0].index_select(0, tensor(rows.ToArray(), device: model.Device))); // (Σ lengths, V)
        float[] sure = logits.to(ScalarType.Float32).Plus(blocked).softmax(-1).amax([-1]).cpu().data<float>().ToArray();
        var means = new double[lengths.Length];
        for (int i = 0, at = 0; i < lengths.Length; at += lengths[i++]) means[i] = sure.Skip(at).Take(lengths[i]).Average();
        return means;
    }
}
