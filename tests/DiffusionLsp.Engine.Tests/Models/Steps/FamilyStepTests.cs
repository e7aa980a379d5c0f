using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>Every family of checkpoints, with random weights: a model that static steps support writes the same text with them, and the others say why there are none.</summary>
[Trait("tier", "slow")]
public sealed class FamilyStepTests
{
    public static TheoryData<string> Dense => [.. FamilyCases.All.Where(c => c.Body.Experts is null).Select(c => c.Name)];

    public static TheoryData<string> Mixtures => [.. FamilyCases.All.Where(c => c.Body.Experts is not null).Select(c => c.Name)];

    [Theory, MemberData(nameof(Dense))]
    public async Task A_dense_model_writes_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(name)).Write(folder.Path);
        var device = new ReferenceStepDevice();
        using InfillEngine plain = Load(folder.Path, null), stepped = Load(folder.Path, device);
        Assert.Null(stepped.Model.NoCudaGraphs);
        string prefix = "int f(x) { return x";
        foreach (string typed in new[] { " + in", " - " }) // typed on, and taken back
            foreach (CacheKind cache in new[] { CacheKind.Prefix, CacheKind.Dual }) // without a cache there is no slot, and no static step
                foreach (string decoder in new[] { "threshold", "auto" })
                {
                    var request = new InfillRequest { Prefix = prefix + typed, Suffix = ";\n}\n" };
                    var options = new DecodeOptions { Decoder = decoder, Cache = cache, Length = 9, LengthPolicy = "fixed", BlockLength = 4 };
                    InfillResult expected = await plain.InfillAsync(request, options, CancellationToken.None), actual = await stepped.InfillAsync(request, options, CancellationToken.None);
                    Assert.Equal((expected.Completion, expected.StopReason), (actual.Completion, actual.StopReason));
                }
        Assert.True(device.Buckets.Count > 10, $"only {device.Buckets.Count} static steps");
    }

    [Theory, MemberData(nameof(Mixtures))]
    public async Task A_mixture_of_experts_runs_without(string name)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(name)).Write(folder.Path);
        var device = new ReferenceStepDevice();
        using InfillEngine engine = Load(folder.Path, device);
        Assert.Contains("mixture of experts", engine.Model.NoCudaGraphs, StringComparison.Ordinal);
        await engine.InfillAsync(new InfillRequest { Prefix = "a", Suffix = "b" }, new DecodeOptions { Length = 4, LengthPolicy = "fixed" }, CancellationToken.None);
        Assert.Empty(device.Buckets);
    }

    private static InfillEngine Load(string folder, ReferenceStepDevice? device) =>
        InfillEngine.Load(new EngineOptions { ModelFolder = folder, Device = "cpu", ThroughLibtorch = true, StepDevice = device is null ? null : () => device, Threads = 1 });
}
