using System.Text;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>Properties of random files: they round-trip, and damage causes an <see cref="EngineException"/> or nothing.</summary>
[Trait("tier", "slow")]
public sealed class SafetensorsProperties : IDisposable
{
    private readonly TemporaryFolder folder = new();

    static SafetensorsProperties() => NativeBackend.Load();

    public void Dispose() => folder.Dispose();

    [Property(Arbitrary = [typeof(TensorMaps)], MaxTest = 100)]
    public void Any_map_of_shapes_survives(Dictionary<string, (ScalarType Type, long[] Shape)> map)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = map.ToDictionary(m => m.Key, m => randint(0, 200, m.Value.Shape).to(m.Value.Type));
        SafetensorsWriter.Write(folder.File("f"), tensors);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("f"));

        Assert.Equal(map.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, Tensor tensor) in tensors)
        {
            Tensor read = file.Read(name, CPU, tensor.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.True(tensor.bytes.SequenceEqual(read.bytes));
        }
    }

    [Property(MaxTest = 2000)]
    public void Flipped_bytes_are_refused_or_read(int[] places, byte[] values)
    {
        byte[] file = [.. Example];
        for (int i = 0; i < Math.Min(places.Length, values.Length); i++) file[(int)((uint)places[i] % (uint)file.Length)] ^= values[i];
        ReadEverything(file);
    }

    [Property(MaxTest = 2000)]
    public void Flipped_header_bytes_are_refused_or_read(int place, byte value)
    {
        byte[] file = [.. Example];
        file[(int)((uint)place % (uint)HeaderEnd)] = value;
        ReadEverything(file);
    }

    [Property(MaxTest = 500)]
    public void Cut_files_are_refused(int length) =>
        Assert.ThrowsAny<EngineException>(() => Open(Example[..(int)((uint)length % (uint)Example.Length)]).Dispose());

    [Property(MaxTest = 500)]
    public void Spliced_headers_are_refused_or_read(int from, int to, NonNull<string> text)
    {
        string header = Encoding.UTF8.GetString(Example, 8, HeaderEnd - 8);
        int start = (int)((uint)from % (uint)header.Length), end = start + (int)((uint)to % (uint)(header.Length - start));
        ReadEverything(HostileFile.With(header[..start] + text.Get + header[end..], Example[HeaderEnd..]));
    }

    [Property(MaxTest = 300)]
    public void Garbage_is_refused(byte[] bytes) => ReadEverything(bytes);

    private const string ExampleHeader =
        """{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]},"c":{"dtype":"U8","shape":[0,4],"data_offsets":[22,22]}}""";

    private static readonly byte[] Example = HostileFile.With(ExampleHeader, new byte[22]);

    private static int HeaderEnd => 8 + ExampleHeader.Length;

    private void ReadEverything(byte[] bytes)
    {
        try
        {
            using var scope = NewDisposeScope();
            using SafetensorsFile file = Open(bytes);
            foreach ((string name, TensorInfo info) in file.Tensors)
                Assert.Equal(info.Shape, file.Read(name, CPU, info.DataType).shape);
        }
        catch (EngineException) { /* a refusal is as good as a reading; any other exception fails the test */ }
    }

    private SafetensorsFile Open(byte[] bytes)
    {
        File.WriteAllBytes(folder.File("fuzz"), bytes);
        return SafetensorsFile.Open(folder.File("fuzz"));
    }

    /// <summary>Up to eight tensors with odd names, every type, and shapes with zeros in.</summary>
    public static class TensorMaps
    {
        public static Arbitrary<Dictionary<string, (ScalarType Type, long[] Shape)>> Map()
        {
            Gen<string> names = Gen.Elements("a", "B", ".", "weight", "\"", "\\", "é", "\n", "😀", "0", " ").NonEmptyListOf().Select(parts => string.Concat(parts.Take(5)));
            Gen<ScalarType> types = Gen.Elements(ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Byte);
            Gen<long[]> shapes = Gen.Choose(0, 5).Select(size => (long)size).ListOf().Select(sizes => sizes.Take(4).ToArray());
            Gen<(string Name, ScalarType Type, long[] Shape)> tensors = names.SelectMany(name => types.SelectMany(type => shapes.Select(shape => (name, type, shape))));
            return tensors.ListOf()
                .Select(list => list.Take(8).DistinctBy(t => t.Name).ToDictionary(t => t.Name, t => (t.Type, t.Shape)))
                .ToArbitrary();
        }
    }
}
