using System.Buffers;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Scores as float32 in host memory. Needs no libtorch.</summary>
internal sealed class HostScores : Scores
{
    private readonly int first;
    private readonly bool isView;
    private float[]? numbers;

    /// <summary>Uninitialised scores, for the caller to fill.</summary>
    public HostScores(int rows, int vocabulary) => (Rows, Vocabulary, numbers) = (rows, vocabulary, ArrayPool<float>.Shared.Rent(Math.Max(1, rows * vocabulary)));

    private HostScores(HostScores whole, int row, int rows) =>
        (Rows, Vocabulary, numbers, first, isView) = (rows, whole.Vocabulary, whole.Held, whole.first + row * whole.Vocabulary, true);

    public override int Rows { get; }

    public override int Vocabulary { get; }

    private float[] Held => numbers ?? throw new ObjectDisposedException(nameof(HostScores));

    /// <summary>All rows (N · V).</summary>
    public Span<float> All => Held.AsSpan(first, Rows * Vocabulary);

    /// <summary>One row (V).</summary>
    public Span<float> Row(int index) => All.Slice(index * Vocabulary, Vocabulary);

    public override Scores Slice(int first, int count) => new HostScores(this, first, count);

    public override Scores Copy() => JoinedAs([this]);

    public override Scores WithVocabulary(int vocabulary)
    {
        var made = new HostScores(Rows, vocabulary);
        int shared = Math.Min(vocabulary, Vocabulary);
        for (int row = 0; row < Rows; row++)
        {
            Row(row)[..shared].CopyTo(made.Row(row));
            made.Row(row)[shared..].Fill(Lowest);
        }
        return made;
    }

    protected override Scores JoinedAs(IReadOnlyList<Scores> parts)
    {
        var whole = new HostScores(parts.Sum(part => part.Rows), Vocabulary);
        int row = 0;
        foreach (HostScores part in parts.Cast<HostScores>())
        {
            part.All.CopyTo(whole.All[(row * Vocabulary)..]);
            row += part.Rows;
        }
        return whole;
    }

    public override Tensor On(Device device) => tensor(All.ToArray(), [Rows, Vocabulary], device: device);

    public override HostScores OnHost() => new(this, 0, Rows);

    public override void Wait()
    {
    }

    public override void Dispose()
    {
        if (numbers is { } held && !isView) ArrayPool<float>.Shared.Return(held);
        numbers = null;
    }
}
