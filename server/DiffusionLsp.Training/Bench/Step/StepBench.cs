using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Training.Bench.Forward;
using TorchSharp;

namespace DiffusionLsp.Training.Bench.Step;

/// <summary>
/// <c>bench step</c>: what only a GPU can confirm about static steps. Every part prints one line and the next runs even if it fails. With a
/// stand-in for the CUDA driver it runs on a CPU, which confirms the command and says nothing about speed.
/// </summary>
internal static class StepBench
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    private static readonly IReadOnlyList<(string Name, Func<StepMachine, string> Run)> Parts =
    [
        ("interface", StepParts.Interface),
        ("launches", StepParts.Launches),
        ("products", StepParts.Products),
        ("steps", StepParts.Steps),
        ("own products", StepParts.OwnProducts),
        ("replays", StepParts.Replays),
        ("memory", StepParts.Memory),
        ("engine", StepParts.Engine),
    ];

    public static Command Create()
    {
        Option<string?> shape = new("--shape") { Description = $"One of {string.Join(", ", BenchShape.All.Keys)}. Default: dream-7b on a GPU, small on a CPU." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<string?> driver = new("--driver") { Description = "Library to use as the CUDA driver, for tests." };
        Option<string?> libtorch = new("--libtorch") { Description = "Folder of libtorch to use instead of the packaged one." };
        Option<bool> quick = new("--quick") { Description = "Few repetitions; no basis for claims." };
        Option<string?> json = new("--json") { Description = "Write the lines here." };
        var command = new Command("step", "CUDA graphs against single launches: equal scores, time per step, time per launch.") { shape, device, driver, libtorch, quick, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(shape) is { } name && !BenchShape.All.ContainsKey(name)) result.AddError($"There is no shape '{name}'; use one of {string.Join(", ", BenchShape.All.Keys)}.");
        });
        command.SetAction(p =>
        {
            var backend = new Libtorch(p.GetValue(libtorch));
            backend.Require();
            ComputeDevice compute = ComputeDevice.Choose(p.GetValue(device)!, backend);
            if (!compute.IsGpu && p.GetValue(driver) is null)
            {
                Console.Error.WriteLine($"bench step needs an NVIDIA GPU, and there is none to use ({compute.Reason}); on a CPU, tests run it with --driver.");
                return 1;
            }
            using var machine = new StepMachine(compute, p.GetValue(shape) ?? BenchShape.Default(compute.IsGpu)[0], p.GetValue(driver), p.GetValue(quick));
            StepLine[] lines = [.. Parts.Select(part => Line(part.Name, () => part.Run(machine)))];
            if (p.GetValue(json) is { } file) File.WriteAllText(file, JsonSerializer.Serialize(new { compute.Name, compute.Reason, machine.Shape, lines }, Json) + "\n");
            string[] failed = [.. lines.Where(line => !line.IsGood).Select(line => line.Part)];
            if (failed.Length > 0) Console.Error.WriteLine($"{failed.Length} of {lines.Length} parts failed: {string.Join(", ", failed)}.");
            return failed.Length == 0 ? 0 : 1;
        });
        return command;
    }

    private static StepLine Line(string part, Func<string> run)
    {
        using var noGradient = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        StepLine line;
        try
        {
            line = new StepLine(part, true, run());
        }
        catch (Exception e)
        {
            line = new StepLine(part, false, $"failed: {e.Message.ReplaceLineEndings(" ")}");
        }
        Console.WriteLine($"{line.Part}: {line.Text}");
        return line;
    }

    private sealed record StepLine(string Part, bool IsGood, string Text);
}
