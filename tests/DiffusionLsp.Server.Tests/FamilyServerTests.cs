using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Server.Tests;

/// <summary>Every family of checkpoints completes through the language server; models that cannot see the text after the cursor say so.</summary>
[Trait("tier", "slow")]
public sealed class FamilyServerTests
{
    // The first load of libtorch may take longer than a client waits.
    static FamilyServerTests() => InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = 1 }).Dispose();

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(c => c.Name)];

    [Theory, MemberData(nameof(Families))]
    public async Task A_checkpoint_completes_through_the_server(string name)
    {
        FamilyCase family = FamilyCases.Of(name);
        string folder = Directory.CreateTempSubdirectory("diffusion-lsp-test-").FullName;
        try
        {
            new GeneratedCheckpoint(family).Write(folder);
            var engine = new Watched();
            await using var client = new TestClient(options => engine.Load(options));
            await client.StartAsync(null, new { debounceMs = 0, modelPath = folder, device = "cpu", maxTokensSingleLine = 12 });
            JsonElement answer = await client.CompleteAsync("int f(int x) {\n\treturn ║;\n}\n");
            Assert.Equal(JsonValueKind.Array, answer.GetProperty("items").ValueKind);
            // Random weights write nonsense, which post-processing may drop; the engine must have written it.
            InfillResult result = Assert.Single(engine.Results);
            Assert.InRange(result.Tokens, 0, 12);
            Assert.True(result.Forwards > 0);
            Assert.Equal(family.SeesSuffix, result.Notice is null);
            if (!family.SeesSuffix) Assert.Contains("does not see what follows the cursor", result.Notice);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The real engine, and its answers.</summary>
    private sealed class Watched : ICompletionEngine
    {
        private InfillEngine? engine;

        public List<InfillResult> Results { get; } = [];

        public ModelSummary Model => engine!.Model;

        public ICompletionEngine Load(EngineOptions options)
        {
            engine = InfillEngine.Load(options with { Threads = 1 });
            return this;
        }

        public async Task<InfillResult> InfillAsync(InfillRequest request, Engine.Decoding.DecodeOptions options, CancellationToken cancellation)
        {
            InfillResult result = await engine!.InfillAsync(request, options, cancellation);
            Results.Add(result);
            return result;
        }

        public Task<DecodeTrace> TraceAsync(InfillRequest request, Engine.Decoding.DecodeOptions options, CancellationToken cancellation) =>
            engine!.TraceAsync(request, options, cancellation);

        public void Dispose() => engine?.Dispose();
    }
}
