using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>One file round-trips, in every type and at every alignment.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    static SafetensorsFileTests() => NativeBackend.Load();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Byte)]
    public void Every_type_comes_back_bit_for_bit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor original = (rand(3, 5) * 100).to(type);
        using SafetensorsFile file = WriteAndOpen(new() { ["a"] = original, ["b"] = original[0] });

        Tensor read = file.Read("a", CPU, type);

        Assert.Equal(type, read.dtype);
        Assert.Equal(original.shape, read.shape);
        Assert.True(original.bytes.SequenceEqual(read.bytes));
        Assert.True(file.Read("b", CPU, type).bytes.SequenceEqual(original.bytes[..(int)(5 * original.element_size())]));
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.Float32, ScalarType.Float16)]
    public void Other_types_are_converted_as_torch_converts_them(ScalarType stored, ScalarType wanted)
    {
        using var scope = NewDisposeScope();
        Tensor original = randn(4, 4).to(stored);
        using SafetensorsFile file = WriteAndOpen(new() { ["w"] = original });

        Assert.True(file.Read("w", CPU, wanted).equal(original.to(wanted)).all().item<bool>());
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_tensors_too()
    {
        using var scope = NewDisposeScope();
        using SafetensorsFile file = WriteAndOpen(new() { ["scalar"] = tensor(1.5f), ["empty"] = zeros(0, 7), ["last"] = ones(2) });

        Assert.Equal(1.5f, file.Read("scalar", CPU, ScalarType.Float32).item<float>());
        Assert.Equal([], file.Read("scalar", CPU, ScalarType.Float32).shape);
        Assert.Equal([0, 7], file.Read("empty", CPU, ScalarType.Float32).shape);
        Assert.Equal([2], file.Read("last", CPU, ScalarType.Float32).shape);
    }

    [Fact]
    public void A_tensor_at_an_odd_offset_is_read_right()
    {
        using var scope = NewDisposeScope();
        float[] values = [1, -2, 3.25f];
        byte[] file = HostileFile.With("""{"pad":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"F32","shape":[3],"data_offsets":[1,13]}}""",
            [0xff, .. MemoryMarshal.AsBytes<float>(values)]);
        File.WriteAllBytes(folder.File("odd"), file);
        using SafetensorsFile opened = SafetensorsFile.Open(folder.File("odd"));

        Assert.Equal(values, opened.Read("w", CPU, ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void Metadata_is_kept()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(folder.File("f"), new Dictionary<string, Tensor> { ["w"] = ones(1) }, new Dictionary<string, string> { ["format"] = "pt", ["ü \"quoted\""] = "a\nb" });
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("f"));

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("a\nb", file.Metadata["ü \"quoted\""]);
        Assert.Equal(["w"], file.Tensors.Keys);
    }

    [Fact]
    public void Tensors_outlive_the_file()
    {
        using var scope = NewDisposeScope();
        SafetensorsFile file = WriteAndOpen(new() { ["w"] = arange(1000, ScalarType.Float32) });
        Tensor read = file.Read("w", CPU, ScalarType.Float32);
        file.Dispose();
        File.Delete(file.Path);

        Assert.Equal(499_500, read.sum().item<float>());
        Assert.Throws<ObjectDisposedException>(() => file.Read("w", CPU, ScalarType.Float32));
    }

    [Fact]
    public void Reading_leaves_no_other_tensor_behind()
    {
        using SafetensorsFile file = WriteAndOpen(new() { ["w"] = ones(8) });
        using var scope = NewDisposeScope();

        file.Read("w", CPU, ScalarType.Float32);
        Assert.Equal(1, scope.DisposablesCount);
        file.Read("w", CPU, ScalarType.BFloat16);
        Assert.Equal(2, scope.DisposablesCount);
    }

    [Fact]
    public void An_unknown_name_is_named()
    {
        using SafetensorsFile file = WriteAndOpen(new() { ["w"] = ones(1) });

        Assert.Contains("no tensor named 'v'", Assert.Throws<EngineException>(() => file.Read("v", CPU, ScalarType.Float32)).Message);
    }

    [Fact]
    public void Missing_files_and_folders_are_refused_in_words()
    {
        Assert.Contains("There is no weights file", Assert.Throws<EngineException>(() => SafetensorsFile.Open(folder.File("none"))).Message);
        Assert.Contains("cannot be read", Assert.Throws<EngineException>(() => SafetensorsFile.Open(folder.Path)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100_000)]
    public void A_file_that_is_cut_while_it_is_open_is_refused_in_words(int left)
    {
        using SafetensorsFile file = WriteAndOpen(new() { ["w"] = zeros(1_000_000) });
        using Tensor target = zeros(1_000_000), other = zeros(1_000_000, ScalarType.BFloat16);
        using (var cutter = new FileStream(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) cutter.SetLength(left);

        string[] messages =
        [
            Assert.Throws<EngineException>(() => file.Read("w", CPU, ScalarType.Float32)).Message,
            Assert.Throws<EngineException>(() => file.ReadInto("w", target)).Message,
            Assert.Throws<EngineException>(() => file.ReadInto("w", other)).Message,
            Assert.Throws<EngineException>(() => file.ForEachPiece("w", _ => true)).Message,
        ];
        Assert.All(messages, m => Assert.Contains("was truncated while being read", m));
        Assert.All(messages, m => Assert.Matches(@"^[^\n]+; download or export it again\.$", m));
    }

    [Fact]
    public void What_was_written_meanwhile_is_not_taken()
    {
        using SafetensorsFile file = WriteAndOpen(new() { ["w"] = zeros(100) });
        file.RequireUnchanged();
        File.SetLastWriteTimeUtc(file.Path, DateTime.UtcNow.AddMinutes(1));
        Assert.Contains("changed while it was read", Assert.Throws<EngineException>(file.RequireUnchanged).Message);
    }

    [LinuxFact]
    public async Task A_fifo_and_a_device_are_refused_at_once()
    {
        using (var made = System.Diagnostics.Process.Start("mkfifo", folder.File("fifo"))) await made.WaitForExitAsync();
        File.CreateSymbolicLink(folder.File("zero"), "/dev/zero");
        foreach (string name in new[] { "fifo", "zero" })
        {
            Task<EngineException> refusal = Task.Run(() => Assert.Throws<EngineException>(() => SafetensorsFile.Open(folder.File(name))));
            Assert.Contains("it is not a regular file", (await refusal.WaitAsync(TimeSpan.FromSeconds(30))).Message);
        }
    }

    private SafetensorsFile WriteAndOpen(Dictionary<string, Tensor> tensors)
    {
        SafetensorsWriter.Write(folder.File("file.safetensors"), tensors);
        return SafetensorsFile.Open(folder.File("file.safetensors"));
    }
}
