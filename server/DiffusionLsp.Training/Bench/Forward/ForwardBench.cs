using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>
/// <c>bench forward</c>: random models in the shapes of published ones. Compares the time of a forward with the time to read the weights
/// once, measures what a launch costs and what bandwidth each product reaches, and compares the device's scores with the CPU's.
/// </summary>
internal static class ForwardBench
{
    private const int ScoredRows = 64; // as many as a decoding step scores at most
    private const int CompareLayers = 2, CompareRows = 48;
    private static readonly int[] DefaultRows = [1, 2, 4, 8, 16, 32, 64, 128];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        Option<string[]> shapes = new("--shape") { Description = $"Any of {string.Join(", ", BenchShape.All.Keys)}. Default: 7B and 8B on a GPU, small and nano on a CPU.", AllowMultipleArgumentsPerToken = true };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<int[]> rows = new("--rows") { DefaultValueFactory = _ => DefaultRows, Description = "Numbers of rows.", AllowMultipleArgumentsPerToken = true };
        Option<int?> repeat = new("--repeat") { Description = "Timed forwards for each number of rows. Default: 100; quick: 5." };
        Option<double?> warmUp = new("--warm-up") { Description = "Seconds of forwards before those that are timed. Default: 3; quick: 0.2." };
        Option<bool> quick = new("--quick") { Description = "A look in a few seconds on a CPU; no basis for claims." };
        Option<string?> libtorch = new("--libtorch") { Description = "Folder of libtorch to use instead of the packaged one." };
        Option<string?> json = new("--json") { Description = "Write the numbers here." };
        var command = new Command("forward", "Latency of a forward against the memory's limit, and scores against the CPU's.") { shapes, device, rows, repeat, warmUp, libtorch, json, quick };
        command.Validators.Add(result =>
        {
            foreach (string shape in result.GetValue(shapes) ?? [])
                if (!BenchShape.All.ContainsKey(shape)) result.AddError($"There is no shape '{shape}'; use one of {string.Join(", ", BenchShape.All.Keys)}.");
            foreach (int count in result.GetValue(rows) ?? [])
                if (count is < 1 or > 2048) result.AddError($"--rows is {count}; it must be 1 to 2048.");
        });
        command.SetAction(p =>
        {
            var backend = new Libtorch(p.GetValue(libtorch));
            backend.Require();
            ComputeDevice compute = ComputeDevice.Choose(p.GetValue(device)!, backend);
            string[] names = p.GetValue(shapes) is { Length: > 0 } given ? given : [.. BenchShape.Default(compute.IsGpu)];
            bool brief = p.GetValue(quick);
            var warm = TimeSpan.FromSeconds(Math.Max(0, p.GetValue(warmUp) ?? (brief ? 0.2 : 3)));
            ForwardReport report = Run(compute, names, new Plan([.. p.GetValue(rows)!.Distinct()], Math.Max(1, p.GetValue(repeat) ?? (brief ? 5 : 100)), warm, TimeSpan.FromSeconds(brief ? 0.002 : 0.1)));
            Console.Out.Write(ForwardTable.Markdown(report));
            if (p.GetValue(json) is { } file) File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + "\n");
            return 0;
        });
        return command;
    }

    /// <param name="WarmUp">Time of forwards before those that are timed: until then the JIT's second tier is not there, and a GPU may not have its full clock rate.</param>
    /// <param name="EachProduct">Time for one product and number of rows.</param>
    private sealed record Plan(IReadOnlyList<int> Rows, int Repeat, TimeSpan WarmUp, TimeSpan EachProduct);

    private static ForwardReport Run(ComputeDevice compute, string[] names, Plan plan)
    {
        using var noGradient = inference_mode();
        var clock = new DeviceClock(compute);
        double bandwidth = clock.CopyBandwidth(plan.WarmUp / 3), launch = clock.LaunchNanoseconds(plan.WarmUp / 3);
        var measured = new List<ShapeReport>();
        foreach (string name in names)
        {
            Terminal.Note($"{name} …");
            ModelConfig config = BenchShape.All[name];
            (double error, double agreement) = Compare(config, compute);
            using var model = new NoiseModel(config, compute.Device, compute.DataType);
            (int warmUps, IReadOnlyList<RowsReport> rows) = Forwards(model.Transformer, plan);
            measured.Add(new ShapeReport(name, ParameterTable.Count(config), model.BytesRead, error, agreement, warmUps, plan.Repeat,
                ProductBench.Measure(model, clock, plan.Rows, plan.EachProduct), rows));
        }
        return new ForwardReport(compute.Name, compute.DataType.ToString().ToLowerInvariant(), compute.Reason, bandwidth / 1e9, launch, measured);
    }

    /// <summary>Whole forwards by number of rows. The numbers take turns, so that load on the machine slows all of them alike.</summary>
    private static (int WarmUps, IReadOnlyList<RowsReport>) Forwards(Transformer model, Plan plan)
    {
        using var scope = NewDisposeScope();
        var inputs = plan.Rows.Select(rows => (Rows: rows, Ids: Ids(rows, model.Config).to(model.Device), Positions: Positions(rows).to(model.Device), Times: new List<double>())).ToArray();
        int warmUps = 0;
        for (var clock = Stopwatch.StartNew(); warmUps < 2 * inputs.Length || clock.Elapsed < plan.WarmUp;)
            foreach (var input in inputs)
            {
                Milliseconds(model, input.Ids, input.Positions);
                warmUps++;
            }
        for (int i = 0; i < plan.Repeat; i++)
            foreach (var input in inputs) input.Times.Add(Milliseconds(model, input.Ids, input.Positions));
        return (warmUps, [.. inputs.Select(input => RowsReport.Of(input.Rows, input.Times))]);
    }

    /// <summary>One forward with the scores of at most 64 rows and one copy to the host, as in a decoding step.</summary>
    private static double Milliseconds(Transformer model, Tensor ids, Tensor positions)
    {
        using var scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        var hidden = model.Forward(ids, positions, AttentionScope.Full);
        model.Logits(hidden[0].narrow(0, 0, Math.Min(ids.shape[1], ScoredRows))).amax([-1]).cpu();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Compares the first layers' scores on the device with float32 on the CPU: the largest error relative to the largest score, and the share of rows with the same top token.</summary>
    private static (double Error, double Agreement) Compare(ModelConfig config, ComputeDevice compute)
    {
        ModelConfig shallow = config with { Layers = Math.Min(CompareLayers, config.Layers) };
        using var scope = NewDisposeScope();
        using var reference = new NoiseModel(shallow, CPU, ScalarType.Float32);
        // Without a second device bfloat16 is compared on the CPU, so that the comparison itself is exercised.
        ScalarType type = compute.IsGpu ? compute.DataType : ScalarType.BFloat16;
        using var other = new NoiseModel(reference, compute.Device, type);
        var wanted = Scores(reference.Transformer);
        return Difference(wanted, Scores(other.Transformer));
    }

    /// <summary>The largest error relative to the largest score, and the share of rows with the same top token.</summary>
    /// <param name="expected">(N, V), any type on any device</param>
    /// <param name="actual">(N, V), likewise</param>
    public static (double Error, double Agreement) Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Tensor wanted = expected.to(CPU).to(ScalarType.Float32), found = actual.to(CPU).to(ScalarType.Float32);
        double error = wanted.Minus(found).abs().max().item<float>() / wanted.abs().max().item<float>();
        return (error, wanted.argmax(-1).eq(found.argmax(-1)).to(ScalarType.Float32).mean().item<float>());
    }

    private static Tensor Scores(Transformer model) =>
        model.Logits(model.Forward(Ids(CompareRows, model.Config).to(model.Device), Positions(CompareRows).to(model.Device), AttentionScope.Full)[0]);

    private static Tensor Ids(int rows, ModelConfig config) => tensor([.. Enumerable.Range(0, rows).Select(i => (long)(i * 7919 % config.VocabularySize))]).unsqueeze(0);

    private static Tensor Positions(int rows) => tensor([.. Enumerable.Range(0, rows).Select(i => (long)i)]);
}
