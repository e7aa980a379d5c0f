using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>One file or shards, and every way in which weights can fail to fit a model.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope;

    static CheckpointFolderTests() => NativeBackend.Load();

    public CheckpointFolderTests() => scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void One_file_is_loaded()
    {
        Write("model.safetensors", new() { ["a"] = ones(2), ["b"] = zeros(1, 3) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        var loaded = checkpoint.Load(new Dictionary<string, long[]> { ["a"] = [2], ["b"] = [1, 3] }, CPU, ScalarType.BFloat16);

        Assert.Equal(["a", "b"], loaded.Keys.Order());
        Assert.All(loaded.Values, t => Assert.Equal(ScalarType.BFloat16, t.dtype));
    }

    [Fact]
    public void Shards_are_loaded_as_one()
    {
        WriteShards();
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        var loaded = checkpoint.Load(new Dictionary<string, long[]> { ["a"] = [2], ["b"] = [3], ["c"] = [] }, CPU, ScalarType.Float32);

        Assert.Equal(2, loaded["a"].sum().item<float>());
        Assert.Equal(6, loaded["b"].sum().item<float>());
        Assert.Equal(5, loaded["c"].item<float>());
        Assert.Equal(["a", "b", "c"], checkpoint.Tensors.Keys.Order());
    }

    [Fact]
    public void One_file_wins_over_an_index()
    {
        WriteShards();
        Write("model.safetensors", new() { ["whole"] = ones(1) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        Assert.Equal(["whole"], checkpoint.Tensors.Keys);
    }

    [Fact]
    public void Everything_that_does_not_fit_is_named_at_once()
    {
        Write("model.safetensors", new() { ["right"] = ones(1), ["extra"] = ones(1), ["bent"] = ones(2, 3) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        string message = Assert.Throws<EngineException>(() => checkpoint.Load(
            new Dictionary<string, long[]> { ["right"] = [1], ["bent"] = [3, 2], ["absent"] = [1] }, CPU, ScalarType.Float32)).Message;

        Assert.Contains("absent is missing, extra is not part of the model, bent is [2, 3] instead of [3, 2]", message);
        Assert.DoesNotContain("right", message);
    }

    [Fact]
    public void Ten_names_are_enough()
    {
        Write("model.safetensors", new() { ["w"] = ones(1) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);
        var expected = Enumerable.Range(0, 25).ToDictionary(i => $"layer{i:00}", _ => new long[] { 1 });
        expected["w"] = [1];

        string message = Assert.Throws<EngineException>(() => checkpoint.Load(expected, CPU, ScalarType.Float32)).Message;

        Assert.Contains("layer09 is missing and 15 more", message);
        Assert.DoesNotContain("layer10", message);
    }

    [Fact]
    public void Names_may_be_ignored_on_request()
    {
        Write("model.safetensors", new() { ["w"] = ones(1), ["rotary.inv_freq"] = ones(1) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        var loaded = checkpoint.Load(new Dictionary<string, long[]> { ["w"] = [1] }, CPU, ScalarType.Float32, n => n.EndsWith("inv_freq"));

        Assert.Equal(["w"], loaded.Keys);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_named_in_order()
    {
        Write("model.safetensors", new() { ["w"] = ones(3) });
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);

        checkpoint.RefuseNonFinite([]);
        Assert.Contains("infinity in inf, nan;", Assert.Throws<EngineException>(() => checkpoint.RefuseNonFinite(["nan", "inf"])).Message);
    }

    [Fact]
    public void Empty_and_absent_folders_are_refused()
    {
        Assert.Contains("holds neither model.safetensors nor", Refusal(folder.Path));
        Assert.Contains("There is no model folder", Refusal(folder.File("none")));
    }

    [Fact]
    public void Missing_shards_are_named()
    {
        WriteShards();
        File.Delete(folder.File("shard2.safetensors"));

        Assert.Contains("lacks shard2.safetensors", Refusal(folder.Path));
    }

    [Fact]
    public void A_tensor_that_is_not_in_its_shard_is_named()
    {
        WriteShards();
        Index("""{"weight_map":{"a":"shard1.safetensors","ghost":"shard2.safetensors"}}""");

        Assert.Contains("promises ghost in shard2.safetensors", Refusal(folder.Path));
    }

    [Theory]
    [InlineData("../shard1.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/shard.safetensors")]
    [InlineData("..\\\\shard1.safetensors")]
    [InlineData("C:shard")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\\u0000b")]
    public void Shards_stay_in_their_folder(string name)
    {
        WriteShards();
        Index("""{"weight_map":{"a":"NAME"}}""".Replace("NAME", name));

        Assert.Contains("not a plain file name", Refusal(folder.Path));
    }

    [Theory]
    [InlineData("not valid JSON", "")]
    [InlineData("not valid JSON", "{\"weight_map\":{")]
    [InlineData("not valid JSON", """{"weight_map":{"a":"x","a":"y"}}""")]
    [InlineData("has no weight_map", "[]")]
    [InlineData("has no weight_map", "{}")]
    [InlineData("has no weight_map", """{"weight_map":[]}""")]
    [InlineData("file of tensor 'a' is not a string", """{"weight_map":{"a":1}}""")]
    [InlineData("not valid Unicode", """{"weight_map":{"\ud800":"x"}}""")]
    [InlineData("lists no tensors", """{"weight_map":{}}""")]
    public void Broken_indexes_are_refused(string cause, string index)
    {
        Index(index);
        Assert.Contains(cause, Refusal(folder.Path));
    }

    [Fact]
    public void A_damaged_shard_is_named()
    {
        WriteShards();
        File.WriteAllText(folder.File("shard2.safetensors"), "<html>Not Found</html>");

        Assert.Contains("shard2.safetensors' is not a valid safetensors file", Refusal(folder.Path));
    }

    private void WriteShards()
    {
        Write("shard1.safetensors", new() { ["a"] = ones(2) });
        Write("shard2.safetensors", new() { ["b"] = full(3, 2f), ["c"] = tensor(5f) });
        Index("""{"metadata":{"total_size":24},"weight_map":{"a":"shard1.safetensors","b":"shard2.safetensors","c":"shard2.safetensors"}}""");
    }

    private void Write(string name, Dictionary<string, Tensor> tensors) => SafetensorsWriter.Write(folder.File(name), tensors);

    private void Index(string json) => File.WriteAllText(folder.File("model.safetensors.index.json"), json);

    private static string Refusal(string path) => Assert.Throws<EngineException>(() => CheckpointFolder.Open(path)).Message;
}
