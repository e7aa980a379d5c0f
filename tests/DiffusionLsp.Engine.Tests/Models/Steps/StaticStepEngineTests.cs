using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>The embedded model in static steps, through the whole engine: the same texts as without, alone and with several requests at once.</summary>
[Trait("tier", "slow")]
public sealed class StaticStepEngineTests
{
    [Theory]
    [InlineData("auto")]
    [InlineData("threshold")]
    [InlineData("apd")]
    public async Task Nano_writes_the_same(string decoder)
    {
        var device = new ReferenceStepDevice();
        using InfillEngine plain = Load(null), stepped = Load(device);
        Assert.Equal(("the model runs on a CPU", null), (plain.Model.NoCudaGraphs, stepped.Model.NoCudaGraphs));
        var different = new List<string>();
        (InfillRequest Request, string Name)[] holes = [.. Holes()];
        var options = new DecodeOptions { Decoder = decoder, Length = 12 };
        Task<InfillResult>[] together = [.. holes.Select(hole => stepped.InfillAsync(hole.Request, options, CancellationToken.None))];
        for (int i = 0; i < holes.Length; i++)
        {
            InfillResult expected = await plain.InfillAsync(holes[i].Request, options, CancellationToken.None), actual = await together[i];
            if (expected.Completion != actual.Completion) different.Add($"{holes[i].Name}: {actual.Completion} instead of {expected.Completion}");
        }
        Assert.Equal(3, holes.Length);
        Assert.Empty(different);
        Assert.True(device.Buckets.Count >= holes.Length, $"only {device.Buckets.Count} static steps for {holes.Length} holes");
        Assert.True(stepped.Shared.Forwards > 0, "no forward was shared");
    }

    [Fact]
    public void The_option_turns_them_off()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu", ThroughLibtorch = true, CudaGraphs = false, StepDevice = () => new ReferenceStepDevice() });
        Assert.Contains("diffusionLsp.cudaGraphs", engine.Model.NoCudaGraphs, StringComparison.Ordinal);
    }

    private static InfillEngine Load(ReferenceStepDevice? device) =>
        InfillEngine.Load(new EngineOptions { Device = "cpu", ThroughLibtorch = true, StepDevice = device is null ? null : () => device, MostActive = 4, Threads = 1 });

    private static IEnumerable<(InfillRequest, string)> Holes()
    {
        int session = 0;
        foreach (string file in Directory.EnumerateFiles(Samples(), "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(3))
        {
            string text = File.ReadAllText(file);
            int cut = text.Length / 3;
            yield return (new InfillRequest { Prefix = text[Math.Max(0, cut - 160)..cut], Suffix = text[cut..Math.Min(text.Length, cut + 60)], Path = file, SingleLine = session % 2 == 0, Session = $"{session++}" }, file);
        }
    }

    private static string Samples([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "..", "eng", "samples", "cases", "eval");
}
