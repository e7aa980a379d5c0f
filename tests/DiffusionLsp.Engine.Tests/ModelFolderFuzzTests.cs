using System.Text.Json;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Tests.Checkpoints;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests;

/// <summary>
/// Whatever a model's folder contains, either it loads and fills a hole, or one sentence states the file, the cause and the cure; and
/// <c>model verify</c> reports the same. DIFFUSION_LSP_MUTATIONS sets the number of folders, DIFFUSION_LSP_SEED the first seed.
/// </summary>
[Collection(nameof(Native.FreedMemoryTests))] // alone: it counts what is allocated
[Trait("tier", "slow")]
public sealed class ModelFolderFuzzTests
{
    private const long MostAllocated = 600 << 20; // bytes in one try
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2); // a hang, not a slow machine
    private static readonly int Mutations = Number("DIFFUSION_LSP_MUTATIONS", 200), First = Number("DIFFUSION_LSP_SEED", 1);
    private static readonly string[] NoPeopleSay = ["System.", "Exception", "DiffusionLsp.Engine", "Microsoft.", "TorchSharp", "   at ", "Path: $", "Unexpected", "Object reference", "Index was", "Nullable", "Specified argument"];

    [Fact]
    public async Task A_spoilt_folder_loads_or_is_refused_in_one_sentence()
    {
        using var originals = new TemporaryFolder();
        string[] models = [.. Originals(originals.Path)];
        var wrong = new List<string>();
        int loaded = 0;
        for (int seed = First; seed < First + Mutations; seed++)
        {
            using var folder = new TemporaryFolder();
            string original = models[seed % models.Length];
            Copy(original, folder.Path);
            string what = new FolderMutator(seed).Spoil(folder.Path);
            long before = GC.GetTotalAllocatedBytes();
            Task<(string? Problem, string? Refusal)> attempt = Task.Run(() => Attempt(folder.Path));
            if (await Task.WhenAny(attempt, Task.Delay(Longest)) != attempt)
                Assert.Fail($"seed {seed}, {Path.GetFileName(original)}, {what}: hangs");
            (string? problem, string? refusal) = await attempt;
            long allocated = GC.GetTotalAllocatedBytes() - before;
            if (problem is null && allocated > MostAllocated) problem = $"allocates {allocated >> 20} MB";
            if (problem is not null) wrong.Add($"seed {seed}, {Path.GetFileName(original)}, {what}: {problem}");
            else if (refusal is null) loaded++;
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {Mutations}:\n{string.Join('\n', wrong)}");
        Assert.InRange(loaded, Mutations / 20, Mutations * 2 / 3); // it spoils much, and not all
    }

    [Fact]
    public async Task What_is_not_spoilt_loads()
    {
        using var originals = new TemporaryFolder();
        foreach (string original in Originals(originals.Path)) Assert.Equal((null, null), await Attempt(original));
    }

    /// <returns>What is wrong; null: nothing. The sentence with which the folder is rejected; null: it loads and fills a hole.</returns>
    private static async Task<(string? Problem, string? Refusal)> Attempt(string folder)
    {
        string? refusal = null, verdict;
        try
        {
            verdict = ModelInspector.Verify(folder).FirstOrDefault();
        }
        catch (Exception e)
        {
            return ($"verify fails with {e}", null);
        }
        try
        {
            _ = ModelInspector.Inspect(folder);
        }
        catch (EngineException)
        {
            if (verdict is null) return ("inspect refuses what verify finds whole", null);
        }
        catch (Exception e)
        {
            return ($"inspect fails with {e}", null);
        }
        try
        {
            using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder, Device = "cpu", Threads = 1 });
            // A folder without a filter is whole; only the decoder that needs one refuses it.
            foreach (string decoder in Path.Exists(Path.Combine(folder, FilterStore.Subfolder, "position.json")) ? new[] { "auto", "filter" } : ["auto"])
                await engine.InfillAsync(new InfillRequest { Prefix = "int x = ret", Suffix = ";\n" }, new DecodeOptions { Decoder = decoder, Length = 8, BlockLength = 8 }, CancellationToken.None);
        }
        catch (EngineException e)
        {
            refusal = e.Message;
        }
        catch (Exception e)
        {
            return ($"fails with {e}", null);
        }
        if ((refusal is null) != (verdict is null)) return ($"loading says '{refusal}', verify '{verdict}'", null);
        return refusal is null ? (null, null) : (Flaw(refusal, folder) ?? Flaw(verdict!, folder), refusal);
    }

    /// <summary>Why a text is not one sentence with file, cause and cure; null: it is one.</summary>
    private static string? Flaw(string text, string folder)
    {
        if (text.Any(char.IsControl) || !text.EndsWith('.')) return $"no sentence: {text}";
        if (!text.Contains(folder, StringComparison.Ordinal)) return $"names no file: {text}";
        if (!text.Contains("; ", StringComparison.Ordinal)) return $"names no cure: {text}";
        if (text.Length > 1600) return $"is too long: {text}";
        return NoPeopleSay.FirstOrDefault(w => text.Replace(folder, "").Contains(w, StringComparison.Ordinal)) is { } word ? $"says '{word}': {text}" : null;
    }

    private static IEnumerable<string> Originals(string root)
    {
        foreach (FamilyCase family in FamilyCases.All)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, family.Name)).FullName;
            new GeneratedCheckpoint(family).Write(folder);
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id": 2, "max_new_tokens": 256}""");
            File.WriteAllText(Path.Combine(folder, "diffusion-lsp.json"), $$"""{"logit_shift": {{(family.Shift ? "true" : "false")}}}""");
            yield return folder;
        }
        for (int i = 0; i < 6; i++) yield return Nano(Directory.CreateDirectory(Path.Combine(root, $"nano-{i}")).FullName);
    }

    /// <summary>A miniature model of our own, with every file that such a folder may contain.</summary>
    private static string Nano(string folder)
    {
        string tokenizer = TinyTokenizer.Json().ToJsonString();
        var config = new ModelConfig
        {
            HiddenSize = 32, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = 8, IntermediateSize = 48,
            VocabularySize = TinyTokenizer.FirstSpecial + 7, MaxPositions = 1024, QueryKeyNorm = true, LogitShift = true,
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        using (var scope = NewDisposeScope())
        {
            using var generator = new Generator(1);
            SafetensorsWriter.Write(Path.Combine(folder, CheckpointFolder.SingleFile), ParameterTable.Shapes(config).ToDictionary(p => p.Key, p => randn(p.Value, generator: generator) * 0.3));
        }
        File.WriteAllText(Path.Combine(folder, "memory.json"), JsonSerializer.Serialize(new { file = Enumerable.Repeat(0.5, DiffusionLsp.Engine.Decoding.NgramCache.NgramCacheWeights.Buckets), workspace = Enumerable.Repeat(0.5, DiffusionLsp.Engine.Decoding.NgramCache.NgramCacheWeights.Buckets) }));
        string filters = Directory.CreateDirectory(Path.Combine(folder, FilterStore.Subfolder)).FullName;
        var network = new FilterNetwork([new FilterLayer(PositionFeatures.Count, 1, new float[PositionFeatures.Count], [1])]);
        FilterFile.Write(Path.Combine(filters, "position.json"), new CommitFilter(FilterKind.Position, ModelFingerprint.Of(folder), 8, PositionFeatures.Version, 0.5, Calibration.Identity, network));
        return folder;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : otherwise;
}
