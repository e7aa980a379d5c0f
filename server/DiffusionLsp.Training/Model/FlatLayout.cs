using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Where each parameter lies in one flat buffer, so that copies, norms and updates are a few operators over all of them: the matrices of
/// the first layer, of the second and so on, then all other matrices, then all vectors. Weights that a forward reads as one matrix
/// (q, k, v; gate, up) are neighbours, and so are alike vectors of all layers. It allocates nothing but views.
/// </summary>
internal sealed class FlatLayout
{
    private readonly ModelConfig config;
    private readonly List<Piece> pieces = [];
    private readonly List<MatrixStack> stacks = [];
    private readonly Dictionary<string, FlatPlace> parameters = [];

    /// <exception cref="EngineException">The model has experts.</exception>
    public FlatLayout(ModelConfig config)
    {
        if (config.Experts is not null) throw new EngineException("The trainer does not train mixtures of experts; remove the experts from the training options.");
        this.config = config;
        var held = FusedParameters.Shapes(config);
        for (int layer = 0; layer < config.Layers; layer++)
            foreach ((string name, long[] shape) in held.Where(p => p.Value.Length == 2 && IsOf(layer, p.Key))) Add([name], shape);
        Matrices = Length;
        foreach ((string name, long[] shape) in held.Where(p => p.Value.Length == 2 && LayerOf(p.Key) is null)) Add([name], shape);
        AllMatrices = Length;
        foreach (var alike in held.Where(p => p.Value.Length == 1).GroupBy(p => PartOf(p.Key))) Add([.. alike.Select(p => p.Key)], alike.First().Value);
        foreach ((string name, long[] shape) in ParameterTable.Shapes(config)) parameters[name] = Place(name, shape);
        foreach (var alike in parameters.Where(p => IsOf(0, p.Key) && p.Value.Shape.Length == 2).Select(p => p.Value).OrderBy(p => p.Offset)) Stack(alike);
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; private set; }

    /// <summary>The matrices of all layers are the elements before this one.</summary>
    public long Matrices { get; }

    /// <summary>All matrices are the elements before this one, all vectors the others.</summary>
    public long AllMatrices { get; }

    /// <summary>Elements of one layer's matrices.</summary>
    public long LayerMatrices => Matrices / config.Layers;

    /// <summary>Matrices inside a layer that are neighbours and have one shape; the same in every layer.</summary>
    public IReadOnlyList<MatrixStack> Stacks => stacks;

    /// <summary>Every parameter by the names of <see cref="ParameterTable"/>, in its order.</summary>
    public IReadOnlyDictionary<string, FlatPlace> Parameters => parameters;

    /// <summary>
    /// The weights as a <see cref="Transformer"/> takes them, fused. The gradients of all of them arrive in the buffer by one concatenation, and what has
    /// none gets zeros.
    /// </summary>
    /// <param name="flat">(Length)</param>
    public Dictionary<string, Tensor> Weights(Tensor flat)
    {
        var weights = new Dictionary<string, Tensor>();
        foreach ((Piece piece, Tensor part) in pieces.Zip(flat.split([.. pieces.Select(p => p.Length)])))
            if (piece.Names.Length == 1) weights[piece.Names[0]] = part.view(piece.Shape);
            else AddRows(weights, piece.Names, part.view(piece.Names.Length, -1)); // (layers, n)
        return weights;
    }

    /// <summary>A worker's share of the buffer: the matrices of some layers, and a part of the other elements.</summary>
    public FlatShare Share(int worker, int workers)
    {
        long Of(long count, int index) => count * index / workers;
        long first = Of(config.Layers, worker), layers = Of(config.Layers, worker + 1) - first;
        long others = Length - Matrices, start = Of(others, worker);
        return new FlatShare(first, layers, new FlatRange(first * LayerMatrices, layers * LayerMatrices), new FlatRange(Matrices + start, Of(others, worker + 1) - start));
    }

    /// <summary>The vectors of all layers; where queries and keys are normalised, the weights of all heads at once instead of layer by layer.</summary>
    private void AddRows(Dictionary<string, Tensor> weights, string[] names, Tensor rows)
    {
        string part = PartOf(names[0]);
        if (part == "self_attn.q_norm.weight")
        {
            weights[part] = rows;
            return;
        }
        if (part == "self_attn.k_norm.weight")
        {
            weights.Remove("self_attn.q_norm.weight", out Tensor? query);
            Tensor Repeated(Tensor norm, int heads) => norm.unsqueeze(1).expand(config.Layers, heads, config.HeadSize);
            rows = cat([Repeated(query!, config.Heads), Repeated(rows, config.KeyValueHeads)], dim: 1); // (layers, H + K, d)
            names = [.. Enumerable.Range(0, config.Layers).Select(layer => ParameterTable.Layer(layer, FusedParameters.HeadNorm))];
        }
        foreach ((string name, Tensor row) in names.Zip(rows.unbind(0))) weights[name] = row;
    }

    private void Add(string[] names, long[] shape)
    {
        pieces.Add(new Piece(names, shape, Length));
        Length += pieces[^1].Length;
    }

    private FlatPlace Place(string name, long[] shape)
    {
        FusedPlace place = FusedParameters.PlaceOf(config, name);
        Piece piece = pieces.First(p => p.Names.Contains(place.Parameter));
        long width = shape.Length == 2 ? shape[1] : 1;
        return new FlatPlace(piece.Offset + Array.IndexOf(piece.Names, place.Parameter) * Product(piece.Shape) + place.FirstRow * width, shape);
    }

    /// <summary>Appends a matrix of the first layer to the last stack, or begins one.</summary>
    private void Stack(FlatPlace matrix)
    {
        var alone = new MatrixStack(matrix.Offset, 1, matrix.Shape[0], matrix.Shape[1]);
        if (stacks.Count > 0 && stacks[^1] is var last && (last.Rows, last.Columns) == (alone.Rows, alone.Columns)) stacks[^1] = last with { Count = last.Count + 1 };
        else stacks.Add(alone);
    }

    private static long Product(long[] shape) => shape.Aggregate(1L, (a, b) => a * b);
    private static bool IsOf(int layer, string name) => LayerOf(name) == layer;
    private static int? LayerOf(string name) => name.Split('.') is ["model", "layers", var layer, ..] ? int.Parse(layer) : null;
    private static string PartOf(string name) => LayerOf(name) is null ? name : string.Join('.', name.Split('.')[3..]);

    /// <summary>Neighbours in the buffer that a forward reads as one: a matrix, or the same vector of every layer.</summary>
    private readonly record struct Piece(string[] Names, long[] Shape, long Offset)
    {
        public long Length => Names.Length * Product(Shape);
    }
}

/// <summary>Where a parameter lies in a flat buffer.</summary>
internal readonly record struct FlatPlace(long Offset, long[] Shape)
{
    /// <summary>The parameter: a view.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, Offset, Shape.Aggregate(1L, (a, b) => a * b)).view(Shape);
}

/// <summary>Elements of a flat buffer.</summary>
internal readonly record struct FlatRange(long Offset, long Length)
{
    /// <summary>They themselves: a view.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, Offset, Length);
}

/// <summary>A worker's share: layers with the range of their matrices, and the range of its other elements.</summary>
internal readonly record struct FlatShare(long FirstLayer, long Layers, FlatRange Matrices, FlatRange Others);

/// <summary>Neighbouring matrices of one shape inside a layer.</summary>
/// <param name="Offset">From the layer's first element.</param>
/// <param name="Count">How many.</param>
internal readonly record struct MatrixStack(long Offset, long Count, long Rows, long Columns)
{
    /// <summary>A view of these matrices.</summary>
    /// <param name="layers">(layers, elements of a layer's matrices)</param>
    /// <returns>(layers, count, rows, columns)</returns>
    public Tensor Of(Tensor layers) => layers.narrow(1, Offset, Count * Rows * Columns).view(layers.shape[0], Count, Rows, Columns);
}
