using System.Diagnostics;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>A run that was killed (SIGKILL) in the middle ends with the same bytes as one that was not.</summary>
[Trait("tier", "slow")]
[Collection("console")]
public sealed class ResumeTests : IDisposable
{
    private const int DecaySteps = 20, ReportSteps = 20;
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task KilledRunGoesOnExactlyWhereItsCheckpointStands()
    {
        CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { DecaySteps = DecaySteps, BatchRows = 4 };
        string killed = folder.File("killed"), whole = folder.File("whole");
        // It has no end, so that it cannot reach one before it is killed, however busy the machine is.
        int lost = await RunUntilKilled(Write(options with { Steps = 100_000_000 }), killed);
        int steps = lost + 2 * DecaySteps;
        string ending = Write(options with { Steps = steps });
        Train(ending, killed);
        Train(ending, whole);

        string last = $"checkpoint-{steps:D9}";
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, last, file)), File.ReadAllBytes(Path.Combine(killed, last, file)));
        Assert.Equal([.. Enumerable.Range(1, steps / ReportSteps).Select(i => (long)i * ReportSteps)],
            new RunFolder(killed).Metrics().Select(m => m.Step).Where(s => s % ReportSteps == 0).Distinct().Order());
    }

    [Fact]
    public void LeftoversOfAKilledSaveAreIgnored()
    {
        string partial = Path.Combine(folder.Path, "run", "checkpoint-000000099.partial");
        Directory.CreateDirectory(partial);
        File.WriteAllText(Path.Combine(partial, "model.safetensors"), "half a fi");
        Assert.Null(new RunFolder(folder.File("run")).Latest());
    }

    /// <summary>Starts the trainer as a process of its own and kills it soon after its first checkpoint.</summary>
    /// <returns>The step of the newest checkpoint.</returns>
    private async Task<int> RunUntilKilled(string options, string run)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "diffusion-lsp-train.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
            [program, "model", "--options", options, "--shards", folder.Path, "--tokenizer", folder.Path, "--run", run, "--checkpoint-minutes", "0.001"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        while (new RunFolder(run).Latest() is not { Step: >= 3 })
        {
            Assert.False(process.HasExited && process.ExitCode != 0, process.HasExited ? await errors : "");
            await Task.Delay(5);
        }
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        return (int)new RunFolder(run).Latest()!.Value.Step;
    }

    private string Write(TrainingOptions options)
    {
        string path = folder.File("options.json");
        File.WriteAllText(path, options.ToJson());
        return path;
    }

    private void Train(string options, string run) =>
        ModelCommand.Run(new(options, folder.Path, folder.Path, run, null, null, "cpu", 60, double.PositiveInfinity));

    public void Dispose() => folder.Dispose();
}
