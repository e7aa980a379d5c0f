using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.Engine.Tests.Models.Families;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests;

/// <summary>The maximum number of prompt tokens, requested or by default.</summary>
public sealed class PromptLengthTests
{
    private static double Never() => throw new InvalidOperationException("nobody needs to know");

    [Theory]
    [InlineData(32768, 4096)]
    [InlineData(4096, 3584)] // LLaDA: the hole needs positions too
    [InlineData(512, 256)]
    public void On_a_gpu_it_is_long(int positions, int tokens) => Assert.Equal(tokens, PromptLength.Of(0, null, isGpu: true, positions, Never));

    [Theory]
    [InlineData(0.01, 4096)]
    [InlineData(0.2, 1024)]
    [InlineData(5, 128)] // seven billion parameters on two cores
    public void On_a_cpu_it_is_what_300_ms_allow(double millisecondsPerRow, int tokens) => Assert.Equal(tokens, PromptLength.Of(0, null, isGpu: false, 32768, () => millisecondsPerRow));

    [Theory, InlineData(true), InlineData(false)]
    public void A_model_that_was_trained_with_short_prompts_keeps_them(bool isGpu) => Assert.Equal(512, PromptLength.Of(0, 512, isGpu, 4096, Never));

    [Theory]
    [InlineData(2000, 2000)]
    [InlineData(40_000, 32_256)] // more than there are positions
    public void What_is_asked_for_counts(int asked, int tokens) => Assert.Equal(tokens, PromptLength.Of(asked, 512, isGpu: true, 32768, Never));

    [Theory, MemberData(nameof(InfillSchedulerTests.Families), MemberType = typeof(InfillSchedulerTests))]
    public async Task Every_family_takes_its_default_and_a_long_text(string family)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(family)).Write(folder.Path);
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 });
        string text = string.Join('\n', Enumerable.Range(0, 900).Select(i => $"let value{i} = {i};"));
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = text, Suffix = text }, new DecodeOptions { Decoder = "threshold", Length = 8, BlockLength = 8 }, CancellationToken.None);
        ModelConfig config = ModelDescription.Read(folder.Path).Config;
        Assert.InRange(result.PromptTokens, 1, Math.Min(4096, config.MaxPositions - 8));
    }

    [Fact]
    public void The_memory_check_counts_it()
    {
        ModelConfig shape = TinyModel.Shape(0) with { MaxPositions = 65_536 };
        long bytesPerRow = 2L * shape.Layers * shape.KeyValueHeads * shape.HeadSize * 2;
        Assert.Equal((4096 + 4096) * bytesPerRow, MemoryNeed.Of(shape, 2).Cache);
        Assert.Equal((32_768 + 4096) * bytesPerRow, MemoryNeed.Of(shape, 2, 32_768).Cache);
        Assert.True(MemoryNeed.Of(shape, 2, 32_768).Work > 2 * MemoryNeed.Of(shape, 2).Work);
    }
}
