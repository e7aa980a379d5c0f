using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>
/// A forward over a few rows as a fixed sequence of operations over fixed memory. It allocates nothing, the host decides only the
/// bucket, and everything that changes between steps is read from a block of integers; so it can be captured once per bucket and
/// replayed.
/// </summary>
internal sealed class StaticStep : IDisposable
{
    private readonly ModelConfig config;
    private readonly TransformerWeights weights;
    private readonly (nint Keys, nint Values)[] arena; // per layer
    private readonly long arenaRows;
    private readonly Tensor x, normal, queryKeyValue, mixed, gateUp, hidden, logits; // (most rows, …)
    private readonly Tensor partial, block, statistics;
    private readonly Dictionary<int, Products> products = []; // per number of rows

    /// <param name="model">Of a shape for which <see cref="Unsupported"/> is null. Not owned; must outlive the step.</param>
    /// <param name="arena">Stores keys and values. Its buffers must outlive the step.</param>
    public StaticStep(Transformer model, TensorArena arena)
    {
        (config, weights) = (model.Config, model.Weights);
        this.arena = [.. Enumerable.Range(0, config.Layers).Select(arena.Layer).Select(layer => (layer.Keys.Address(), layer.Values.Address()))];
        arenaRows = (long)arena.Slots.Count * arena.Capacity;
        Tensor Buffer(long width, ScalarType? dtype = null, long rows = StepBucket.MostRows) => zeros([rows, width], dtype ?? model.DataType, model.Device).DetachFromDisposeScope();
        x = Buffer(config.HiddenSize);
        normal = Buffer(config.HiddenSize);
        queryKeyValue = Buffer((config.Heads + 2L * config.KeyValueHeads) * config.HeadSize);
        mixed = Buffer((long)config.Heads * config.HeadSize);
        gateUp = Buffer(2L * config.IntermediateSize);
        hidden = Buffer(config.IntermediateSize);
        logits = Buffer(config.VocabularySize);
        long spans = StepBucket.RowSizes.Max(rows => (long)rows * new StepBucket(rows, ModelConfig.MostPositions).Splits(config.Heads, config.KeyValueHeads, config.HeadSize));
        partial = Buffer(config.Heads * (config.HeadSize + 2L), ScalarType.Float32, spans);
        block = Buffer(StepInput.Columns, ScalarType.Int32);
        statistics = Buffer(StatisticsColumns, ScalarType.Int32);
    }

    /// <summary>Integers per row for statistics: the set of blocked tokens in; the token and three float32 out.</summary>
    public const int StatisticsColumns = 5;

    /// <summary>Device address of the input block: <see cref="StepInput.Columns"/> · R integers.</summary>
    public nint Block => block.Address();

    /// <summary>Device address of the statistics: S sets, S tokens, then (S, 3) float32, where S is <see cref="StepBucket.MostRows"/>.</summary>
    public nint StatisticsBlock => statistics.Address();

    /// <summary>Why a model cannot run in static steps on any device, as a clause; null: it can.</summary>
    public static string? Unsupported(ModelConfig config) => config.Experts is null ? null : "it is a mixture of experts, whose products depend on the row";

    /// <summary>Scores of some of the picked rows, in that order: a view (count, V), which the next step overwrites.</summary>
    public Tensor Logits(int first, int count) => logits.narrow(0, first, count);

    /// <summary>Runs the sequence on the input block.</summary>
    public void Run(StepKernels kernels, StepBucket bucket)
    {
        int rows = bucket.Rows;
        float epsilon = (float)config.NormEpsilon;
        Products of = ProductsOf(rows);
        nint Column(int index) => Block + index * rows * sizeof(int);
        kernels.Gather(Column(StepInput.Ids), weights.Embedding.Address(), x.Address(), rows, config.HiddenSize);
        for (int i = 0; i < config.Layers; i++)
        {
            LayerWeights layer = weights.Layers[i];
            var heads = new StepHeads
            {
                Rows = rows,
                QueryKeyValue = queryKeyValue.Address(),
                HeadNorm = layer.HeadNorm?.Address() ?? 0,
                Cosines = weights.Cosines.Address(),
                Sines = weights.Sines.Address(),
                Position = Column(StepInput.Position),
                Store = Column(StepInput.Store),
                First = Column(StepInput.First),
                Seen = Column(StepInput.Seen),
                Keys = arena[i].Keys,
                Values = arena[i].Values,
                Total = arenaRows,
                Heads = config.Heads,
                KeyHeads = config.KeyValueHeads,
                Size = config.HeadSize,
                Rotated = config.RotarySize ?? config.HeadSize,
                Epsilon = epsilon,
                Partial = partial.Address(),
                Splits = bucket.Splits(config.Heads, config.KeyValueHeads, config.HeadSize),
                Mixed = mixed.Address(),
            };
            kernels.RmsNorm(x.Address(), layer.InputNorm.Address(), normal.Address(), 0, rows, config.HiddenSize, epsilon);
            kernels.Multiply(of.Layers[i].QueryKeyValue);
            kernels.TurnAndStore(heads);
            kernels.Attend(heads);
            kernels.Multiply(of.Layers[i].Output);
            kernels.RmsNorm(x.Address(), layer.AttentionNorm.Address(), normal.Address(), 0, rows, config.HiddenSize, epsilon);
            kernels.Multiply(of.Layers[i].GateUp);
            kernels.SiluMultiply(gateUp.Address(), hidden.Address(), rows, config.IntermediateSize);
            kernels.Multiply(of.Layers[i].Down);
        }
        kernels.RmsNorm(x.Address(), weights.FinalNorm.Address(), normal.Address(), Column(StepInput.Pick), rows, config.HiddenSize, epsilon);
        kernels.Multiply(of.Scores);
    }

    /// <summary>Statistics of rows scored last, over sets of blocked tokens that lie in <see cref="StatisticsBlock"/>.</summary>
    /// <param name="first">First of the scored rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="blocked">Address of the sets on the device.</param>
    public StepStatistics StatisticsOf(int first, int count, nint blocked) => new()
    {
        Rows = count,
        Logits = logits.Address() + (nint)first * config.VocabularySize * (nint)logits.ElementSize,
        Vocabulary = config.VocabularySize,
        Blocked = blocked,
        Set = StatisticsBlock,
        Best = StatisticsBlock + StepBucket.MostRows * sizeof(int),
        Numbers = StatisticsBlock + 2 * StepBucket.MostRows * sizeof(int),
    };

    private Products ProductsOf(int rows)
    {
        if (products.TryGetValue(rows, out Products? known)) return known;
        var layers = weights.Layers.Select(w => new LayerProducts(
            new StepProduct(normal, w.QueryKeyValue, w.Bias, queryKeyValue, rows, adds: false),
            new StepProduct(mixed, w.Output, null, x, rows, adds: true),
            new StepProduct(normal, w.GateUp!, null, gateUp, rows, adds: false),
            new StepProduct(hidden, w.Down!, null, x, rows, adds: true))).ToArray();
        return products[rows] = new Products(layers, new StepProduct(normal, weights.Output, null, logits, rows, adds: false));
    }

    public void Dispose()
    {
        foreach (StepProduct product in products.Values.SelectMany(of => of.All)) product.Dispose();
        foreach (Tensor tensor in new[] { x, normal, queryKeyValue, mixed, gateUp, hidden, logits, partial, block, statistics }) tensor.Dispose();
    }

    private sealed record LayerProducts(StepProduct QueryKeyValue, StepProduct Output, StepProduct GateUp, StepProduct Down);

    private sealed record Products(LayerProducts[] Layers, StepProduct Scores)
    {
        public IEnumerable<StepProduct> All => Layers.SelectMany(layer => new[] { layer.QueryKeyValue, layer.Output, layer.GateUp, layer.Down }).Append(Scores);
    }
}
