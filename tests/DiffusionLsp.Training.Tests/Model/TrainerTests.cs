using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Batches that are made ahead of time are the same ones, also where a run goes on in the middle.</summary>
public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Batches_made_ahead_change_no_loss()
    {
        Assert.Equal(Losses(ahead: 0, first: 0), Losses(ahead: 3, first: 0));
        Assert.Equal(Losses(ahead: 0, first: 5), Losses(ahead: 3, first: 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_number_of_threads_that_others_set_changes_no_bit(int workers)
    {
        NativeBackend.Load();
        CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { Workers = workers, BatchRows = 4, Steps = 8, DecaySteps = 4 };
        Assert.Equal(Steps(1), Steps(2));

        List<(StepLosses, double)> Steps(int threads)
        {
            using var trainer = new Trainer(options, new Rows(options.RowTokens), tokenizer.Special, CPU);
            return [.. Enumerable.Range(0, 4).Select(_ =>
            {
                Parallel.For(0, 8, _ => LibtorchThreads.Set(threads));
                return TinyTraining.Step(trainer);
            })];
        }
    }

    private List<StepLosses> Losses(int ahead, long first)
    {
        NativeBackend.Load();
        LibtorchThreads.Set(1);
        CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { Workers = 1, BatchRows = 4, Steps = 8, DecaySteps = 4 };
        using var trainer = new Trainer(options, new Rows(options.RowTokens), tokenizer.Special, CPU, ahead) { Step = first };
        var losses = new List<StepLosses>();
        while (trainer.Step < 7) losses.Add(TinyTraining.Step(trainer).Losses); // one before the last: what was made for it is thrown away
        Assert.Equal(7 - first, losses.Distinct().Count());
        return losses;
    }

    public void Dispose() => folder.Dispose();

    private sealed class Rows(int length) : IRowSource
    {
        public long[] Row(long index) => [.. Enumerable.Range(0, length).Select(i => (index * 31 + i * (index % 5 + 1)) % 60)];
    }
}
