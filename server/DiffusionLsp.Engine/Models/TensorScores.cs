using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Scores in a tensor.</summary>
/// <param name="numbers">(N, V) of any floating type on any device; owned, in no dispose scope.</param>
internal class TensorScores(Tensor numbers) : Scores
{
    /// <summary>(N, V). Not the caller's.</summary>
    public Tensor Numbers => numbers;

    public override int Rows => (int)numbers.shape[0];

    public override int Vocabulary => (int)numbers.shape[1];

    public override Scores Slice(int first, int count) => new TensorScores(numbers.narrow(0, first, count).DetachFromDisposeScope());

    public override Scores Copy() => new TensorScores(numbers.clone().DetachFromDisposeScope());

    public override Scores WithVocabulary(int vocabulary)
    {
        using var scope = NewDisposeScope();
        int shared = Math.Min(vocabulary, Vocabulary);
        var missing = zeros([Rows, vocabulary - shared], numbers.dtype, numbers.device).Plus(Lowest);
        return new TensorScores(cat([numbers.narrow(1, 0, shared), missing], dim: 1).DetachFromDisposeScope());
    }

    protected override Scores JoinedAs(IReadOnlyList<Scores> parts) =>
        new TensorScores(cat([.. parts.Select(part => ((TensorScores)part).Numbers)], dim: 0).DetachFromDisposeScope());

    public override Tensor On(Device device) => numbers.to(device);

    public override HostScores OnHost()
    {
        using var scope = NewDisposeScope();
        var host = new HostScores(Rows, Vocabulary);
        Tensor plain = numbers.to(ScalarType.Float32).cpu().contiguous();
        for (int row = 0; row < Rows; row++) MemoryMarshal.Cast<byte, float>(plain[row].bytes).CopyTo(host.Row(row));
        return host;
    }

    public override void Wait()
    {
        using var scope = NewDisposeScope();
        numbers.cpu();
    }

    public override void Dispose() => numbers.Dispose();
}
