using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Training.Tests.Model;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>On a GPU every call through libtorch's dispatcher costs the host several microseconds, so a layer must not make many.</summary>
public sealed class DispatcherCallsTests
{
    /// <summary>Half of what a layer of this shape made before its operators were joined (docs/lab, 2026-11-29).</summary>
    private const int MostPerLayer = 100;

    private const int CallsOfFusedNorm = 2; // aten::rms_norm and aten::_fused_rms_norm

    [CountedTheory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_layer_makes_few_calls(ScalarType type)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        Tensor rows = ones([8, 32], type), weight = ones([32], type);
        long norm = DispatcherCalls.Of(() => RmsNorm.Apply(rows, weight, 1e-6));
        double others = (Calls(6, type) - Calls(2, type)) / 4.0 - 2 * norm; // a norm is one operator on a GPU and several here
        Assert.InRange(others, 20, MostPerLayer - 2 * CallsOfFusedNorm);
    }

    private static long Calls(int layers, ScalarType type)
    {
        using var model = new TinyModel(TinyModel.Shape(4) with { Layers = layers, HeadSize = 16 }, packed: true, type: type);
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        Tensor ids = zeros([1, 8], ScalarType.Int64), positions = tensor(Enumerable.Range(0, 8).Select(i => (long)i).ToArray());
        model.Transformer.Forward(ids, positions, AttentionScope.Full); // what happens only once
        return DispatcherCalls.Of(() => model.Transformer.Forward(ids, positions, AttentionScope.Full));
    }
}
