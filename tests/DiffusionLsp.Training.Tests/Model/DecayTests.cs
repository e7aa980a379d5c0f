using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>A decay that is asked for ends the run early, keeps the checkpoint before it, and goes on where a stopped run left it.</summary>
[Trait("tier", "slow")]
[Collection("console")]
public sealed class DecayTests : IDisposable
{
    private const int Steps = 40, DecaySteps = 6;
    private readonly TemporaryFolder folder = new();
    private readonly string options;

    public DecayTests()
    {
        CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
        TrainingOptions training = TinyTraining.Options(tokenizer.VocabularySize) with { Steps = Steps, WarmupSteps = 2, DecaySteps = DecaySteps, BatchRows = 2, RowTokens = 64 };
        File.WriteAllText(options = folder.File("options.json"), training.ToJson());
    }

    [Fact]
    public void Without_a_request_the_run_is_as_long_as_planned_and_keeps_what_was_before_the_decay()
    {
        Assert.Equal(Steps, Run("planned").Latest()!.Value.Step);
        Assert.True(Directory.Exists(folder.File($"planned/before-decay-{Steps - DecaySteps:D9}")));
    }

    [Fact]
    public void A_file_named_decay_begins_it_and_so_does_a_time_limit()
    {
        Directory.CreateDirectory(folder.File("asked"));
        File.WriteAllText(folder.File("asked/decay"), "");
        RunFolder asked = Run("asked"), timed = Run("timed", 0);
        Assert.Equal((0L, (long)DecaySteps), (asked.DecayStep, asked.Latest()!.Value.Step));
        Assert.Equal((0L, (long)DecaySteps), (timed.DecayStep, timed.Latest()!.Value.Step));
        Assert.InRange(asked.Metrics()[^1].Rate, 0.1, 0.2); // the last of six falling steps
    }

    /// <summary>From the kept checkpoint a run without the decay goes on, and a resumed one decays from the same step to the same bytes.</summary>
    [Fact]
    public void A_decay_is_remembered()
    {
        File.WriteAllText(Directory.CreateDirectory(folder.File("whole")).FullName + "/decay", "10");
        Run("whole");
        string kept = folder.File("whole/before-decay-000000010"), last = $"checkpoint-{10 + DecaySteps:D9}";
        foreach (string run in new[] { "again", "longer" }) Copy(kept, folder.File($"{run}/checkpoint-000000010"));
        File.WriteAllText(folder.File("again/decay"), "10");
        Assert.Equal(10 + DecaySteps, Run("again").Latest()!.Value.Step);
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(folder.File($"whole/{last}/{file}")), File.ReadAllBytes(folder.File($"again/{last}/{file}")));
        Assert.Equal(Steps, Run("longer").Latest()!.Value.Step);
    }

    private RunFolder Run(string run, double decayMinutes = double.PositiveInfinity)
    {
        ModelCommand.Run(new(options, folder.Path, folder.Path, folder.File(run), null, null, "cpu", 60, double.PositiveInfinity) { DecayMinutes = decayMinutes });
        return new RunFolder(folder.File(run));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    public void Dispose() => folder.Dispose();
}
