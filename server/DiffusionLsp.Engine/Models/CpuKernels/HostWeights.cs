using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// The parameters of a small model in host memory: matrices packed for products, the embedding in bfloat16, norms and biases
/// in float32. It accepts only weights that bfloat16 represents exactly, reads no file and needs no libtorch.
/// </summary>
internal sealed unsafe class HostWeights : IDisposable
{
    private readonly Dictionary<string, IntPtr> vectors = new(StringComparer.Ordinal); // float32
    private readonly Dictionary<string, PackedMatrix> matrices = new(StringComparer.Ordinal);
    private ushort* embedding; // (V, D) bfloat16

    private HostWeights()
    {
    }

    /// <summary>Reads one stored tensor as float32 into its place in a parameter.</summary>
    public delegate void Reader(StoredTensor tensor, Span<float> target);

    /// <summary>Every matrix.</summary>
    public IEnumerable<PackedMatrix> Matrices => matrices.Values;

    /// <summary>Builds them from stored tensors.</summary>
    /// <param name="stored">All tensors that the model needs.</param>
    /// <param name="read">Called once for each; the tensors of a fused parameter are read one after another.</param>
    /// <returns>Null: a matrix does not divide into strips, or bfloat16 cannot represent every number exactly.</returns>
    public static HostWeights? TryMake(ModelConfig config, IReadOnlyList<StoredTensor> stored, Reader read)
    {
        var weights = new HostWeights();
        bool isWhole = false;
        try
        {
            isWhole = weights.TryFill(config, stored, read);
        }
        finally
        {
            if (!isWhole) weights.Dispose();
        }
        return isWhole ? weights : null;
    }

    /// <summary>A norm or a bias.</summary>
    public float* Vector(string name) => (float*)vectors[name];

    /// <summary>A matrix.</summary>
    public PackedMatrix Matrix(string name) => matrices[name];

    /// <summary>Writes one row of the embedding as float32.</summary>
    /// <param name="to">(D)</param>
    public void Embed(int id, Span<float> to) => BFloat16.Widen(new ReadOnlySpan<ushort>(embedding + (long)id * to.Length, to.Length), to);

    private bool TryFill(ModelConfig config, IReadOnlyList<StoredTensor> stored, Reader read)
    {
        IReadOnlyDictionary<string, long[]> shapes = FusedParameters.Shapes(config);
        float* numbers = HostMemory.Allocate<float>(shapes.Values.Max(shape => shape.Aggregate(1L, (a, b) => a * b))); // one parameter at a time
        try
        {
            foreach (IGrouping<string, StoredTensor> parts in stored.GroupBy(tensor => tensor.Place.Parameter))
            {
                long[] shape = shapes[parts.Key];
                int columns = (int)shape[1..].Aggregate(1L, (a, b) => a * b);
                foreach (StoredTensor tensor in parts) read(tensor, new Span<float>(numbers + tensor.Place.FirstRow * columns, (int)tensor.Count));
                if (shape.Length == 1) vectors[parts.Key] = (IntPtr)Copied(numbers, (int)shape[0]);
                else if (!TryPack(config, parts.Key, numbers, (int)shape[0], columns)) return false;
            }
        }
        finally { HostMemory.Free(numbers); }
        return true;
    }

    private static float* Copied(float* numbers, int count)
    {
        float* copy = HostMemory.Allocate<float>(count);
        new ReadOnlySpan<float>(numbers, count).CopyTo(new Span<float>(copy, count));
        return copy;
    }

    private bool TryPack(ModelConfig config, string name, float* numbers, int rows, int columns)
    {
        bool isEmbedding = name == ParameterTable.Embedding;
        if (isEmbedding)
        {
            embedding = HostMemory.Allocate<ushort>((long)rows * columns);
            if (!BFloat16.TryNarrow(new ReadOnlySpan<float>(numbers, rows * columns), new Span<ushort>(embedding, rows * columns))) return false;
            if (!config.TieEmbeddings) return true; // it is only looked up
        }
        if (PackedMatrix.TryPack(numbers, rows, columns) is not { } matrix) return false;
        matrices[isEmbedding ? ParameterTable.OutputLayer : name] = matrix;
        return true;
    }

    public void Dispose()
    {
        foreach (IntPtr vector in vectors.Values) HostMemory.Free((float*)vector);
        foreach (PackedMatrix matrix in matrices.Values) matrix.Dispose();
        HostMemory.Free(embedding);
        vectors.Clear();
        matrices.Clear();
        embedding = null;
    }
}
