using System.CommandLine;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>The table of a session's parts, in the order of what would be missed most.</summary>
internal static class SessionParts
{
    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["doctor", "scores", "forward", "step", "batch", "decoding", "train"];

    public static IReadOnlyList<SessionPart> Of(SessionSettings settings, SessionFolder work)
    {
        bool quick = settings.Quick;
        string[] device = ["--device", settings.Device];
        SessionPart Bench(string name, int limit, Func<string, string?, string> line, string[] arguments, string? missing = null) =>
            new(name, null, ["bench", .. arguments, .. device, "--json", work.Numbers(name)], limit, work.Numbers(name), line, missing);
        string[] shards = settings.Shards is { } folder ? ["--shards", folder] : [];
        return
        [
            Doctor(settings),
            Bench("scores", 120, SessionLines.Scores, ["forward", "--shape", quick ? "small" : "open-dcoder-0.5b", "--rows", "1", "--repeat", "3", "--quick"]),
            Bench("forward", 240, SessionLines.Forward, quick ? ["forward", "--quick", "--shape", "small", "--rows", "1", "8"] : ["forward"]),
            Step(settings, work),
            Bench("batch", 120, SessionLines.Batch, quick ? ["batch", "--clients", "1", "2", "--each", "1"] : ["batch"]),
            Bench("decoding", 240, SessionLines.Decoding, ["decoding", .. shards,
                .. quick ? ["--quick", "--cases", "2", "--canvas", "0", "--context", "64", "--methods", "draft"] : (string[])["--cases", "16", "--timed", "2", "--canvas", "0", "256", "1024"]]),
            new("train", null, ["model", "--options", work.Options, "--shards", work.Shards, "--tokenizer", EmbeddedModel.FolderOr(null), "--run", work.Run,
                .. device, "--minutes", "1", "--checkpoint-minutes", "10"], 180, Path.Combine(work.Run, "metrics.jsonl"), (_, metrics) => SessionLines.Train(metrics, work.TokensPerStep)),
        ];
    }

    private static SessionPart Doctor(SessionSettings settings)
    {
        string server = settings.Server ?? Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "diffusion-lsp.exe" : "diffusion-lsp");
        return new("doctor", server, ["doctor"], 60, null, SessionLines.Last, File.Exists(server) ? null : "the language server is not beside this program; --server names it");
    }

    /// <summary>The static step with CUDA graphs, if this build has it.</summary>
    private static SessionPart Step(SessionSettings settings, SessionFolder work)
    {
        Command? step = BenchCommand.Create().Subcommands.FirstOrDefault(command => command.Name == "step");
        bool Takes(string option) => step?.Options.Any(o => o.Name == option) ?? false;
        string numbers = work.Numbers("step");
        return new("step", null, ["bench", "step", .. Takes("--device") ? ["--device", settings.Device] : Array.Empty<string>(), .. Takes("--json") ? ["--json", numbers] : Array.Empty<string>(),
            .. settings.Quick && Takes("--quick") ? ["--quick"] : Array.Empty<string>()], 240, numbers, SessionLines.Last, step is null ? "this build has no bench step" : null);
    }
}
