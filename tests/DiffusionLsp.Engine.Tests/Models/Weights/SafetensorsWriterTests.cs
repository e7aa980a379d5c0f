using System.Buffers.Binary;
using System.Text;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>The writer's guarantees: the same bytes each time, aligned, atomic.</summary>
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope;

    static SafetensorsWriterTests() => NativeBackend.Load();

    public SafetensorsWriterTests() => scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_order_of_the_arguments_does_not_matter()
    {
        Tensor a = ones(3), b = ones(2, ScalarType.BFloat16), c = ones(1);
        SafetensorsWriter.Write(folder.File("1"), new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b, ["c"] = c }, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsWriter.Write(folder.File("2"), new Dictionary<string, Tensor> { ["c"] = c, ["b"] = b, ["a"] = a }, new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });

        Assert.Equal(File.ReadAllBytes(folder.File("1")), File.ReadAllBytes(folder.File("2")));
    }

    [Fact]
    public void Headers_are_padded_with_spaces_and_tensors_aligned()
    {
        SafetensorsWriter.Write(folder.File("f"), new Dictionary<string, Tensor> { ["bytes"] = ones(3, ScalarType.Byte), ["half"] = ones(3, ScalarType.Float16), ["float"] = ones(3), ["long"] = ones(1, ScalarType.Int64) });
        byte[] bytes = File.ReadAllBytes(folder.File("f"));
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("f"));

        Assert.Equal(0, length % 8);
        Assert.EndsWith("}", Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.All(file.Tensors.Values, t => Assert.Equal(0, t.Offset % SafetensorsTypes.SizeOf(t.DataType)));
        Assert.Equal(["long", "float", "half", "bytes"], file.Tensors.OrderBy(t => t.Value.Offset).Select(t => t.Key));
    }

    [Fact]
    public void Views_are_written_as_they_look()
    {
        Tensor matrix = arange(6, ScalarType.Float32).view(2, 3);
        SafetensorsWriter.Write(folder.File("f"), new Dictionary<string, Tensor> { ["t"] = matrix.t(), ["grad"] = ones(2).requires_grad_() });
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("f"));

        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Read("t", CPU, ScalarType.Float32).data<float>().ToArray());
        Assert.False(file.Read("grad", CPU, ScalarType.Float32).requires_grad);
    }

    [Fact]
    public void An_existing_file_is_replaced_and_nothing_else_is_left()
    {
        SafetensorsWriter.Write(folder.File("f"), new Dictionary<string, Tensor> { ["old"] = ones(100) });
        SafetensorsWriter.Write(folder.File("f"), new Dictionary<string, Tensor> { ["new"] = ones(1) });
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("f"));

        Assert.Equal(["new"], file.Tensors.Keys);
        Assert.Equal([folder.File("f")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_failed_write_leaves_what_was_there_and_no_part_of_a_file()
    {
        // A folder in the file's place: everything is written, and the rename at the very end fails.
        Directory.CreateDirectory(Path.Combine(folder.File("f"), "child"));

        Assert.Contains("cannot be written", Refusal(new() { ["w"] = ones(1000) }, "f"));
        Assert.Equal([folder.File("f")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_cannot_be_written_is_said()
    {
        Assert.Contains("tensor 'i' of type Int32", Refusal(new() { ["i"] = zeros(1, ScalarType.Int32) }, "f"));
        Assert.Contains("which the format reserves", Refusal(new() { ["__metadata__"] = ones(1) }, "f"));
        Assert.Contains("cannot be written", Refusal(new() { ["w"] = ones(1) }, Path.Combine("no", "such", "folder")));
    }

    private string Refusal(Dictionary<string, Tensor> tensors, string name) =>
        Assert.Throws<EngineException>(() => SafetensorsWriter.Write(folder.File(name), tensors)).Message;
}
