using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>
/// <c>bench forward</c>: random models in the shapes of published ones. Compares the time of a forward with the time to read the weights
/// once, and the device's scores with the CPU's. Without a GPU it uses a small shape.
/// </summary>
internal static class ForwardBench
{
    private const int Warmups = 2, CompareLayers = 2, CompareRows = 48;
    private static readonly int[] Rows = [1, 32, 128, 512];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        Option<string[]> shapes = new("--shape") { Description = $"Any of {string.Join(", ", BenchShape.All.Keys)}. Default: 7B and 8B on a GPU, small on a CPU.", AllowMultipleArgumentsPerToken = true };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<int?> repeat = new("--repeat") { Description = "Measured forwards for each number of rows. Default: 10; quick: 2." };
        Option<bool> quick = new("--quick") { Description = "A look in a few seconds on a CPU; no basis for claims." };
        Option<string?> libtorch = new("--libtorch") { Description = "Folder of libtorch to use instead of the packaged one." };
        Option<string?> json = new("--json") { Description = "Write the numbers here." };
        var command = new Command("forward", "Latency of a forward against the memory's limit, and scores against the CPU's.") { shapes, device, repeat, libtorch, json, quick };
        command.Validators.Add(result =>
        {
            foreach (string shape in result.GetValue(shapes) ?? [])
                if (!BenchShape.All.ContainsKey(shape)) result.AddError($"There is no shape '{shape}'; use one of {string.Join(", ", BenchShape.All.Keys)}.");
        });
        command.SetAction(p =>
        {
            var backend = new Libtorch(p.GetValue(libtorch));
            backend.Require();
            ComputeDevice compute = ComputeDevice.Choose(p.GetValue(device)!, backend);
            string[] names = p.GetValue(shapes) is { Length: > 0 } given ? given : [.. BenchShape.Default(compute.IsGpu)];
            ForwardReport report = Run(compute, names, Math.Max(1, p.GetValue(repeat) ?? (p.GetValue(quick) ? 2 : 10)));
            Console.Out.Write(report.Table());
            if (p.GetValue(json) is { } file) File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + "\n");
            return 0;
        });
        return command;
    }

    private static ForwardReport Run(ComputeDevice compute, string[] names, int repeat)
    {
        using var noGradient = inference_mode();
        double bandwidth = Bandwidth(compute);
        var measured = new List<ShapeReport>();
        foreach (string name in names)
        {
            Terminal.Note($"{name} …");
            ModelConfig config = BenchShape.All[name];
            (double error, double agreement) = Compare(config, compute);
            using var model = new NoiseModel(config, compute.Device, compute.DataType);
            double floor = model.BytesRead / bandwidth * 1000;
            measured.Add(new ShapeReport(name, ParameterTable.Count(config), model.BytesRead, floor, error, agreement,
                [.. Rows.Select(rows => new RowsReport(rows, Median(model.Transformer, rows, repeat)))]));
        }
        return new ForwardReport(compute.Name, compute.DataType.ToString().ToLowerInvariant(), compute.Reason, bandwidth / 1e9, measured);
    }

    /// <summary>Median milliseconds of a forward with the scores of at most 64 rows, as in a decoding step.</summary>
    private static double Median(Transformer model, int rows, int repeat)
    {
        var times = new List<double>();
        for (int i = 0; i < Warmups + repeat; i++)
        {
            using var scope = NewDisposeScope();
            var (ids, positions) = (Ids(rows, model.Config).to(model.Device), Positions(rows).to(model.Device));
            var clock = Stopwatch.StartNew();
            var hidden = model.Forward(ids, positions, AttentionScope.Full);
            model.Logits(hidden[0].narrow(0, 0, Math.Min(rows, 64))).amax([-1]).cpu();
            if (i >= Warmups) times.Add(clock.Elapsed.TotalMilliseconds);
        }
        return Percentiles.Of(times, 0.5);
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
        var found = Scores(other.Transformer).to(CPU).to(ScalarType.Float32);
        double error = wanted.Minus(found).abs().max().item<float>() / wanted.abs().max().item<float>();
        return (error, wanted.argmax(-1).eq(found.argmax(-1)).to(ScalarType.Float32).mean().item<float>());
    }

    private static Tensor Scores(Transformer model) =>
        model.Logits(model.Forward(Ids(CompareRows, model.Config).to(model.Device), Positions(CompareRows).to(model.Device), AttentionScope.Full)[0]);

    private static Tensor Ids(int rows, ModelConfig config) => tensor([.. Enumerable.Range(0, rows).Select(i => (long)(i * 7919 % config.VocabularySize))]).unsqueeze(0);

    private static Tensor Positions(int rows) => tensor([.. Enumerable.Range(0, rows).Select(i => (long)i)]);

    /// <summary>Memory bandwidth in bytes read and written per second, measured by copying.</summary>
    public static double Bandwidth(ComputeDevice compute)
    {
        using var scope = NewDisposeScope();
        long bytes = compute.IsGpu ? 2L << 30 : 256L << 20;
        var from = zeros([bytes], ScalarType.Byte, compute.Device);
        var to = zeros([bytes], ScalarType.Byte, compute.Device);
        double best = double.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            var clock = Stopwatch.StartNew();
            to.copy_(from);
            to[0].cpu(); // waits for the device
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return 2 * bytes / best;
    }
}
