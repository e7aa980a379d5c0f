using System.Diagnostics;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Cuda;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Training.Bench.Forward;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Step;

/// <summary>The parts of <c>bench step</c>. Each returns its line, or throws what went wrong.</summary>
internal static class StepParts
{
    private const double MostError = 0.05; // of the largest score, between two ways of computing in bfloat16; noise has near ties, so few rows say nothing by their best tokens
    private static readonly int[] ProductRows = [1, 2, 4, 8, 16, 32, 64];
    private static readonly (int Rows, int Seen)[] Buckets = [(1, 512), (8, 512), (32, 512), (32, 2048), (64, 512), (128, 512)];

    /// <summary>Are the functions there that everything else needs?</summary>
    public static string Interface(StepMachine machine)
    {
        var driver = machine.Driver();
        driver.RequireContext();
        using var kernels = new CudaKernels(driver);
        if (!StableOperators.AreThere) throw new InvalidOperationException("libtorch lacks its stable operators");
        if (machine.IsGpu && TorchStreams.Find() is null) throw new InvalidOperationException("libtorch lacks its streams; products would run in kernels of our own");
        return machine.IsGpu ? "driver, kernels, libtorch's operators and streams are there" : "driver, kernels and libtorch's operators are there";
    }

    /// <summary>What a launch costs: of libtorch's smallest operator, and as a node of a graph.</summary>
    public static string Launches(StepMachine machine)
    {
        const int nodes = 300;
        double launch = new DeviceClock(machine.Compute).LaunchNanoseconds(machine.Pass);
        var driver = machine.Driver();
        using var kernels = new CudaKernels(driver);
        Tensor ids = zeros([1], ScalarType.Int32, machine.Device), table = zeros([1, 8], StepMachine.DataType, machine.Device), x = zeros([1, 8], StepMachine.DataType, machine.Device);
        nint stream = driver.CreateStream();
        kernels.Stream = stream;
        nint graph = driver.Capture(stream, () =>
        {
            for (int i = 0; i < nodes; i++) kernels.Gather(ids.Address(), table.Address(), x.Address(), 1, 8);
        });
        double node = machine.Median(machine.Repetitions(100), () =>
        {
            driver.Replay(graph, stream);
            driver.Synchronize(stream);
        }) * 1e6 / nodes;
        driver.Destroy(graph);
        driver.DestroyStream(stream);
        return Invariant($"{launch:0} ns per launch of libtorch, {node:0} ns per node of a graph");
    }

    /// <summary>How near the products of few rows come to the memory's bandwidth, through libtorch and in a kernel of our own.</summary>
    public static string Products(StepMachine machine)
    {
        ModelConfig c = machine.Config;
        (string Name, int In, int Out)[] shapes =
        [
            ("qkv", c.HiddenSize, (c.Heads + 2 * c.KeyValueHeads) * c.HeadSize), ("o", c.Heads * c.HeadSize, c.HiddenSize),
            ("gate_up", c.HiddenSize, 2 * c.IntermediateSize), ("down", c.IntermediateSize, c.HiddenSize),
        ];
        var driver = machine.Driver();
        using var own = new CudaKernels(driver);
        var texts = new List<string>();
        foreach ((string name, int inputs, int outputs) in shapes)
        {
            using var scope = NewDisposeScope();
            // Several weights in turn, more than any cache holds.
            int copies = machine.IsGpu ? (int)Math.Clamp((256L << 20) / (2L * inputs * outputs), 2, 32) : 2;
            Tensor[] weights = [.. Enumerable.Range(0, copies).Select(_ => randn([outputs, inputs], StepMachine.DataType, machine.Device))];
            Tensor x = randn([64, inputs], StepMachine.DataType, machine.Device), y = zeros([64, outputs], StepMachine.DataType, machine.Device);
            string Rates(Action<StepProduct> multiply) => string.Join(" ", ProductRows.Select(rows =>
            {
                StepProduct[] products = [.. weights.Select(weight => new StepProduct(x, weight, null, y, rows, adds: false))];
                int rounds = machine.Repetitions(200);
                double milliseconds = machine.Median(3, () =>
                {
                    for (int i = 0; i < rounds; i++) multiply(products[i % copies]);
                    if (machine.IsGpu) machine.Wait();
                    else driver.Synchronize(0);
                }) / rounds;
                foreach (StepProduct product in products) product.Dispose();
                return Invariant($"{2.0 * inputs * outputs / milliseconds / 1e6:0}");
            }));
            texts.Add($"{name} {Rates(p => StableOperators.Linear(p.X, p.Weight, p.Bias, p.Y))} (own {Rates(own.Multiply)})");
        }
        return $"GB/s at {string.Join(", ", ProductRows)} rows: {string.Join("; ", texts)}";
    }

    /// <summary>Scores and time of whole steps against the forward with single launches.</summary>
    public static string Steps(StepMachine machine) => Steps(machine, ownProducts: false, Buckets);

    /// <summary>The same with products of our own, where they might win.</summary>
    public static string OwnProducts(StepMachine machine) => Steps(machine, ownProducts: true, [(1, 512), (2, 512), (4, 512), (8, 512)]);

    private static string Steps(StepMachine machine, bool ownProducts, (int Rows, int Seen)[] buckets)
    {
        double floor = machine.Model.BytesRead / new DeviceClock(machine.Compute).CopyBandwidth(machine.Pass) * 1000;
        using var stepped = machine.Stepped(ownProducts);
        TensorRunner plain = machine.Plain();
        using TensorProposer proposer = machine.Proposer();
        var texts = new List<string>();
        foreach ((int rows, int asked) in buckets)
        {
            int seen = machine.IsGpu ? asked : Math.Max(rows, asked / 8);
            using KeyValueArena arena = stepped.NewArena(1, seen), alone = plain.NewArena(1, seen);
            machine.Fill(stepped, arena.Slots[0], seen - rows);
            machine.Fill(plain, alone.Slots[0], seen - rows);
            RowPlan plan = machine.Plan(rows, seen);
            double Time(ModelRunner runner, KeyValueSlot slot, int repetitions) => machine.Median(repetitions, () =>
            {
                using var scope = NewDisposeScope();
                using Scores scores = runner.Score(plan, slot, null, CancellationToken.None);
                proposer.Propose(scores, [new ScoredRows(new ScoreCall([], default, 0), rows, 0, 0, [])]);
            });
            double step = Time(stepped, arena.Slots[0], machine.Repetitions(200)), eager = Time(plain, alone.Slots[0], machine.Repetitions(50));
            using Scores expected = plain.Score(plan, alone.Slots[0], null, CancellationToken.None), actual = stepped.Score(plan, arena.Slots[0], null, CancellationToken.None);
            actual.Wait();
            (double error, double agreement) = ForwardBench.Difference(expected.On(CPU), actual.On(CPU));
            if (error > MostError) throw new InvalidOperationException(Invariant($"{rows} rows behind {seen}: error {error:0.000} of the largest score, same best token in {agreement:0 %}"));
            texts.Add(Invariant($"{rows} of {seen}: {step:0.00} ms, {step / floor:0.00} × floor, {eager / step:0.0} × as fast, error {error:0.0000}, {agreement:0 %} alike"));
        }
        return Invariant($"{machine.Shape}, floor {floor:0.00} ms; {string.Join("; ", texts)}");
    }

    /// <summary>A thousand replays with changing tokens and lengths, while other tensors come and go.</summary>
    public static string Replays(StepMachine machine)
    {
        using var stepped = machine.Stepped();
        TensorRunner plain = machine.Plain();
        using KeyValueArena arena = stepped.NewArena(2, 640), alone = plain.NewArena(2, 640);
        var random = new Random(1);
        int count = machine.Repetitions(1000);
        int[] fed = [0, 0];
        (double worst, double agreement) = (0, 0);
        for (int i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            int slot = random.Next(2), rows = random.Next(1, 17), first = fed[slot] > 600 ? 100 : Math.Max(0, fed[slot] - random.Next(3));
            RowPlan plan = machine.Plan(rows, first + rows, i) with { Limits = random.Next(2) == 0 ? null : [.. Enumerable.Range(first + 1, rows)] };
            fed[slot] = first + rows;
            _ = zeros([random.Next(1, 1 << 20)], device: machine.Device); // something else uses the allocator
            using Scores expected = plain.Score(plan, alone.Slots[slot], null, CancellationToken.None), actual = stepped.Score(plan, arena.Slots[slot], null, CancellationToken.None);
            actual.Wait();
            (double error, double same) = ForwardBench.Difference(expected.On(CPU), actual.On(CPU));
            (worst, agreement) = (Math.Max(worst, error), agreement + same / count);
        }
        if (worst > MostError || agreement < 0.8) throw new InvalidOperationException(Invariant($"largest error {worst:0.000} of the largest score, same best token in {agreement:0.0 %}"));
        return Invariant($"{count} replays with changing rows: largest error {worst:0.0000} of the largest score, same best token in {agreement:0.0 %} of rows");
    }

    /// <summary>Steps are right after libtorch ran out of memory and freed what it could.</summary>
    public static string Memory(StepMachine machine)
    {
        using var stepped = machine.Stepped();
        TensorRunner plain = machine.Plain();
        using KeyValueArena arena = stepped.NewArena(1, 64), alone = plain.NewArena(1, 64);
        RowPlan plan = machine.Plan(8, 8);
        using (Scores first = stepped.Score(plan, arena.Slots[0], null, CancellationToken.None)) first.Wait();
        string? told = null;
        try
        {
            _ = zeros([1L << 40], ScalarType.Float32, machine.Device);
        }
        catch (Exception e)
        {
            told = e.Message.ReplaceLineEndings(" ");
        }
        plan = machine.Plan(8, 16, 1);
        machine.Fill(plain, alone.Slots[0], 8);
        machine.Fill(stepped, arena.Slots[0], 8);
        using Scores expected = plain.Score(plan, alone.Slots[0], null, CancellationToken.None), actual = stepped.Score(plan, arena.Slots[0], null, CancellationToken.None);
        actual.Wait();
        (double error, _) = ForwardBench.Difference(expected.On(CPU), actual.On(CPU));
        if (told is null || error > MostError) throw new InvalidOperationException(Invariant($"out of memory: {told ?? "not reached"}; error {error:0.000} afterwards"));
        return Invariant($"after {told[..Math.Min(told.Length, 60)]} …: error {error:0.0000} of the largest score");
    }

    /// <summary>The embedded model through the whole engine, with graphs and without.</summary>
    public static string Engine(StepMachine machine)
    {
        if (!machine.IsGpu) return "not without a GPU";
        (string Text, double Milliseconds, int Forwards, string? Not)[] runs = [.. new[] { true, false }.Select(graphs =>
        {
            using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cuda", CudaGraphs = graphs });
            var text = new List<string>();
            int forwards = 0;
            var clock = new Stopwatch();
            TypingSample sample = TypingSample.All[0];
            foreach ((string prefix, int i) in sample.Prefixes.Take(40).Select((prefix, i) => (prefix, i)))
            {
                var request = new InfillRequest { Prefix = prefix, Suffix = sample.After, Path = sample.Path };
                if (i == 10) clock.Start(); // warm by then
                InfillResult result = engine.InfillAsync(request, new DecodeOptions { Decoder = "threshold", Length = 32 }, CancellationToken.None).GetAwaiter().GetResult();
                text.Add(result.Completion);
                if (i >= 10) forwards += result.Forwards;
            }
            return (string.Join("\n---\n", text), clock.Elapsed.TotalMilliseconds, forwards, engine.Model.NoCudaGraphs);
        })];
        int same = runs[0].Text.Split("\n---\n").Zip(runs[1].Text.Split("\n---\n")).Count(pair => pair.First == pair.Second);
        if (runs[0].Not is { } why) throw new InvalidOperationException(why);
        return Invariant($"nano, 40 completions, {same} with the same text: {runs[0].Forwards / runs[0].Milliseconds * 1000:0} forwards per second with graphs, {runs[1].Forwards / runs[1].Milliseconds * 1000:0} without");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
