using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Tests.Decoding.Filters;

/// <summary>Filter files round-trip; anything else in their place gives one sentence; a filter of another model is rejected.</summary>
public sealed class FilterFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        var random = new Random(1);
        foreach (FilterKind kind in Enum.GetValues<FilterKind>())
            for (int layers = 1; layers <= 4; layers++)
            {
                CommitFilter filter = Filters.Random(kind, 8, random, layers);
                FilterFile.Write(folder.File("f.json"), filter);
                CommitFilter read = FilterFile.Read(folder.File("f.json"));
                Assert.Equal(filter with { Network = read.Network }, read);
                float[] input = [.. Enumerable.Range(0, filter.Network.Inputs).Select(_ => random.NextSingle())];
                Assert.Equal(filter.Network.Apply(input), read.Network.Apply(input));
            }
    }

    [Theory]
    [InlineData("\"format\":\"diffusion-lsp-filter-1\"", "\"format\":\"other\"", "format")]
    [InlineData("\"kind\":\"position\"", "\"kind\":\"magic\"", "magic")]
    [InlineData("\"featureVersion\":1", "\"featureVersion\":0", "version 0")]
    [InlineData("\"blockLength\":8", "\"blockLength\":0", "block length")]
    [InlineData("\"threshold\":0.75", "\"threshold\":1.5", "threshold")]
    [InlineData("\"threshold\":0.75", "\"threshold\":\"NaN\"", "threshold")]
    [InlineData("\"scale\":1.25", "\"scale\":1e999", "calibration")]
    [InlineData("\"biases\":[", "\"biases\":[1e39,", "layer 1")]
    [InlineData("\"biases\":[", "\"biases\":null,\"b\":[", "")]
    [InlineData("\"layers\":[", "\"layers\":[null,", "")]
    [InlineData("\"layers\"", "\"lairs\"", "lairs")]
    [InlineData("\"model\":\"0123\"", "\"model\":null", "")]
    public void A_damaged_file_is_one_sentence(string good, string bad, string says)
    {
        FilterFile.Write(folder.File("f.json"), Filters.Random(FilterKind.Position, 8, new Random(1)));
        string text = File.ReadAllText(folder.File("f.json"));
        Assert.Contains(good, text);
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Refused(Encoding.UTF8.GetBytes(text[..at] + bad + text[(at + good.Length)..]), says);
    }

    [Fact]
    public void Any_bytes_are_one_sentence()
    {
        FilterFile.Write(folder.File("f.json"), Filters.Random(FilterKind.Published, 4, new Random(1)));
        byte[] good = File.ReadAllBytes(folder.File("f.json"));
        var random = new Random(2);
        for (int length = 0; length < good.Length - 2; length += 7) Refused(good[..length], "");
        Refused(Encoding.UTF8.GetBytes("null"), "");
        Refused(Encoding.UTF8.GetBytes(new string('[', 100_000)), "");
        for (int round = 0; round < 300; round++)
        {
            byte[] changed = [.. good];
            for (int i = 0; i < 3; i++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder.File("g.json"), changed);
            try { FilterFile.Read(folder.File("g.json")).Network.Apply(new float[4]); }
            catch (EngineException e) { Assert.DoesNotContain('\n', e.Message); }
        }
    }

    [Fact]
    public void A_missing_file_is_one_sentence_with_a_cure() =>
        Assert.Contains("diffusion-lsp-train filter", Assert.Throws<EngineException>(() => FilterFile.Read(folder.File("none.json"))).Message);

    [Fact]
    public void The_store_finds_the_models_own_and_refuses_what_does_not_fit()
    {
        File.WriteAllText(folder.File("config.json"), "{}");
        File.WriteAllBytes(folder.File("model.safetensors"), new byte[100_000]);
        string model = ModelFingerprint.Of(folder.Path);
        Directory.CreateDirectory(folder.File("filters"));
        CommitFilter published = Filters.Random(FilterKind.Published, 8, new Random(1)) with { Model = model };
        FilterFile.Write(folder.File("filters/published-8.json"), published);
        FilterFile.Write(folder.File("filters/position.json"), Filters.Random(FilterKind.Position, 8, new Random(1)));

        var store = new FilterStore(folder.Path);
        var learned = new DecodeOptions { Decoder = "learn2pd", BlockLength = 8 };
        CommitFilter Find(DecodeOptions options) => store.Find(Decoders.RowOf(options).Filter!.Value, options);
        Assert.Equal(8, Find(learned).BlockLength);
        Assert.Same(Find(learned), Find(learned));
        Assert.Contains("published-16.json", Assert.Throws<EngineException>(() => Find(learned with { BlockLength = 16 })).Message);
        Assert.Contains("blocks of 8", Assert.Throws<EngineException>(() => Find((learned with { BlockLength = 16 }).With(FilterStore.FilterPath, folder.File("filters/published-8.json")))).Message);
        Assert.Contains("other weights", Assert.Throws<EngineException>(() => Find(new DecodeOptions { Decoder = "filter" })).Message);
        Assert.Contains("kind published", Assert.Throws<EngineException>(() => Find(new DecodeOptions { Decoder = "filter" }.With(FilterStore.FilterPath, folder.File("filters/published-8.json")))).Message);
    }

    [Fact]
    public void The_fingerprint_tells_weights_and_configuration_apart()
    {
        File.WriteAllText(folder.File("config.json"), "{}");
        var weights = new byte[3_000_000];
        File.WriteAllBytes(folder.File("model.safetensors"), weights);
        string first = ModelFingerprint.Of(folder.Path);
        Assert.Equal(first, ModelFingerprint.Of(folder.Path));
        weights[^1] = 1;
        File.WriteAllBytes(folder.File("model.safetensors"), weights);
        string second = ModelFingerprint.Of(folder.Path);
        File.WriteAllText(folder.File("config.json"), "{ }");
        Assert.Equal(3, new[] { first, second, ModelFingerprint.Of(folder.Path) }.Distinct().Count());
    }

    private void Refused(byte[] bytes, string says)
    {
        File.WriteAllBytes(folder.File("bad.json"), bytes);
        string message = Assert.Throws<EngineException>(() => FilterFile.Read(folder.File("bad.json"))).Message;
        Assert.Contains(says, message);
        Assert.Contains("train it again", message);
        Assert.DoesNotContain('\n', message);
    }
}
