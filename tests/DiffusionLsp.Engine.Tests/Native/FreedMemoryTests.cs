namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Loading, asking and unloading many times takes no more memory than a few times.</summary>
[Collection(nameof(FreedMemoryTests))]
[Trait("tier", "slow")]
public sealed class FreedMemoryTests
{
    private static readonly int Cycles = int.TryParse(Environment.GetEnvironmentVariable("DIFFUSION_LSP_CYCLES"), out int cycles) ? cycles : 14;

    [Fact]
    public async Task Unloading_gives_the_memory_back()
    {
        var after = new List<long>();
        for (int i = 0; i < Cycles; i++)
        {
            using (InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = 2 }))
                await engine.InfillAsync(new InfillRequest { Prefix = string.Concat(Enumerable.Repeat("int Sum(int a, int b) => a + b;\n", 60)) + "int Product(int a, int b) => ", Suffix = ";\n" }, new(), CancellationToken.None);
            after.Add(Environment.WorkingSet);
        }
        // The least of three: what other threads have in hand at the moment is noise.
        long early = after[2..5].Min(), late = after[^3..].Min();
        Assert.True(late <= early * 1.1, $"{early >> 20} MB at first, {late >> 20} MB in the end: {string.Join(", ", after.Select(a => a >> 20))}");
    }
}

/// <summary>Runs alone: other tests allocate memory too.</summary>
[CollectionDefinition(nameof(FreedMemoryTests), DisableParallelization = true)]
public sealed class FreedMemoryCollection;
