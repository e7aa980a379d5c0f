using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Tests.Models.Families;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests;

/// <summary>An intact checkpoint of any family passes; a damaged one is rejected, naming the tensor, file or key, both here and when it is loaded.</summary>
public sealed class ModelInspectorTests
{
    public static TheoryData<string> Families => [.. FamilyCases.All.Select(c => c.Name)];

    public static TheoryData<string> MutationNames => [.. Mutations.All.Select(m => m.Name)];

    [Theory, MemberData(nameof(Families))]
    public void A_whole_checkpoint_passes(string name)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(name)).Write(folder.Path);
        var told = new List<double>();
        Assert.Empty(ModelInspector.Verify(folder.Path, told.Add));
        Assert.Equal(1, told[^1]);
        Assert.Equal(told.Order(), told);
    }

    [Theory, MemberData(nameof(MutationNames))]
    public void A_spoilt_checkpoint_is_refused_by_name(string name)
    {
        Mutation mutation = Mutations.All.Single(m => m.Name == name);
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(mutation.Family)).Write(folder.Path);
        mutation.Spoil(folder.Path);
        string problem = Assert.Single(ModelInspector.Verify(folder.Path).Take(1));
        Assert.Contains(mutation.Says, problem);
        Assert.DoesNotContain('\n', problem);
        Assert.EndsWith(".", problem);
        string refusal = Assert.Throws<EngineException>(() => LoadedModel.Load(folder.Path, "cpu").Dispose()).Message;
        Assert.Contains(mutation.Says, refusal);
    }

    public static TheoryData<string> Files => ["config.json", "tokenizer.json", "model.safetensors", "diffusion-lsp.json", "memory.json"];

    [LinuxTheory, MemberData(nameof(Files))]
    public async Task What_is_no_file_is_refused_by_name_and_at_once(string file)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of("open-dcoder")).Write(folder.Path);
        string path = folder.File(file);
        File.Delete(path);
        Directory.CreateDirectory(path);
        await RefusedAsync("it is a folder");
        Directory.Delete(path);
        File.CreateSymbolicLink(path, "/dev/zero");
        await RefusedAsync("it is not a regular file");
        File.Delete(path);
        using (var made = System.Diagnostics.Process.Start("mkfifo", path)) await made.WaitForExitAsync();
        await RefusedAsync("it is not a regular file");

        async Task RefusedAsync(string cause)
        {
            Task<EngineException> refusal = Task.Run(() => Assert.Throws<EngineException>(() => LoadedModel.Load(folder.Path, "cpu").Dispose()));
            string message = (await refusal.WaitAsync(TimeSpan.FromSeconds(60))).Message;
            Assert.Contains(file, message);
            Assert.Contains(cause, message);
            Assert.Matches(@"^[^\n]+\.$", message);
        }
    }

    [Fact]
    public void A_file_that_is_cut_while_the_model_loads_is_refused_in_words()
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of("open-dcoder")).Write(folder.Path);
        string message = Assert.Throws<EngineException>(() => LoadedModel.Load(folder.Path, "cpu", new LoadOptions { Progress = _ =>
        {
            using var cutter = new FileStream(folder.File("model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            cutter.SetLength(0);
        } })).Message;
        Assert.Contains("model.safetensors' is not a valid safetensors file: it was truncated while being read", message);
        Assert.Matches(@"^[^\n]+\.$", message);
    }

    [Fact]
    public void The_embedded_model_is_whole() => Assert.Empty(ModelInspector.Verify(EmbeddedModel.Folder!));

    [Fact]
    public void A_filter_of_other_weights_and_a_damaged_memory_are_problems()
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of("dream")).Write(folder.Path);
        Directory.CreateDirectory(folder.File("filters"));
        File.Copy(Path.Combine(EmbeddedModel.Folder!, "filters", "position.json"), folder.File("filters/position.json"));
        Assert.Contains("was trained for other weights", Assert.Single(ModelInspector.Verify(folder.Path)));
        File.WriteAllText(folder.File("memory.json"), """{"table": [0.5]}""");
        Assert.Contains("memory.json", Assert.Single(ModelInspector.Verify(folder.Path)));
    }

    [Fact]
    public void A_report_says_what_the_model_is()
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of("dreamon")).Write(folder.Path);
        ModelReport report = ModelInspector.Inspect(folder.Path);
        Assert.Equal(("DreamOn", "DreamModel", "full", true, "expand"), (report.Family, report.Architecture, report.Attention, report.IsShifted, report.LengthPolicy));
        Assert.Equal(["BF16"], report.ElementTypes);
        Assert.True(report.MemoryBytes["float32"] > report.MemoryBytes["bfloat16"] && report.MemoryBytes["bfloat16"] > 2 * report.Parameters);
    }

    [Fact]
    public void Every_known_checkpoint_is_of_a_family_in_the_table()
    {
        Assert.Equal(ModelFamilies.All.Select(f => f.Name).Except(["nano"]).Append(new CausalFamily().Name).Order(), KnownCheckpoints.All.Select(c => c.Family).Distinct().Order());
        Assert.Equal(["causal-lm"], KnownCheckpoints.All.Where(c => c.OnlyVerifies).Select(c => c.Family));
        Assert.Equal(KnownCheckpoints.All.Count, KnownCheckpoints.All.Select(c => c.Name).Distinct().Count());
    }
}
