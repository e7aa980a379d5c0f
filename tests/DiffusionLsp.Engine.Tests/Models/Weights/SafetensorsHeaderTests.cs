using System.Text;
using DiffusionLsp.Engine.Models.Weights;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>Every way in which a header can be inconsistent, and the cause that is reported. Needs no libtorch.</summary>
public sealed class SafetensorsHeaderTests : IDisposable
{
    private const string Good = """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_documented_layout_is_read()
    {
        string header = """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]},"b":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}   """;
        using SafetensorsFile file = Open(HostileFile.With(header, new byte[10]));

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(["b", "w"], file.Tensors.Keys.Order());
        Assert.Equal(ScalarType.BFloat16, file.Tensors["b"].DataType);
        Assert.Equal([1, 2], file.Tensors["w"].Shape);
        Assert.Equal(8 + Encoding.UTF8.GetByteCount(header) + 2, file.Tensors["w"].Offset);
        Assert.Equal(8, file.Tensors["w"].Bytes);
    }

    [Fact]
    public void A_file_without_tensors_is_well_formed()
    {
        using SafetensorsFile file = Open(HostileFile.With("{}"));
        Assert.Empty(file.Tensors);
    }

    public static TheoryData<string, byte[]> Lengths => new()
    {
        { "only 0 bytes long", [] },
        { "only 7 bytes long", new byte[7] },
        { "not a JSON object", new byte[8] },
        { "claims a header of 55 bytes but has only 54", HostileFile.With((ulong)Good.Length + 1, Good) },
        { "more than 100000000", HostileFile.With(100_000_001, Good, new byte[8]) },
        { "claims a header of 18446744073709551615 bytes", HostileFile.With(ulong.MaxValue, Good, new byte[8]) },
        { "not valid JSON", HostileFile.With((ulong)Good.Length - 1, Good, new byte[8]) },
        { "reaches beyond the end", HostileFile.With(Good, new byte[7]) },
        { "1 bytes at its end that belong to no tensor", HostileFile.With(Good, new byte[9]) },
        { "not valid JSON", [.. HostileFile.With(Good)[..9], 0xff, .. HostileFile.With(Good, new byte[8])[10..]] },
    };

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Wrong_lengths_are_refused(string cause, byte[] file) => Refused(cause, file);

    [Theory]
    [InlineData("not a JSON object", "[]")]
    [InlineData("not a JSON object", " {}")]
    [InlineData("not valid JSON", "{\"w\":")]
    [InlineData("not valid JSON", "{} {}")]
    [InlineData("not valid JSON", "{\"a\":{\"a\":{},},}")]
    [InlineData("not valid Unicode", """{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""")]
    [InlineData("'w'", """{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""")]
    [InlineData("'w'", """{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"\u0077":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""")]
    [InlineData("'dtype'", """{"w":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}""")]
    [InlineData("__metadata__ is not an object", """{"__metadata__":"x"}""")]
    [InlineData("__metadata__.step is not a string", """{"__metadata__":{"step":1}}""")]
    [InlineData("entry of tensor 'w' is not an object", """{"w":[1]}""")]
    [InlineData("unknown field 'stride'", """{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1],"stride":[]}}""")]
    public void Wrong_JSON_is_refused(string cause, string header) => Refused(cause, HostileFile.With(header, new byte[1]));

    [Theory]
    [InlineData("has no dtype", """{"shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("has no dtype", """{"dtype":32,"shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("has the dtype F8_E4M3, but only F32, F16, BF16, I64, U8 are supported", """{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}""")]
    [InlineData("has the dtype f32", """{"dtype":"f32","shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("has no shape", """{"dtype":"F32","data_offsets":[0,8]}""")]
    [InlineData("has no shape", """{"dtype":"F32","shape":2,"data_offsets":[0,8]}""")]
    [InlineData("shape of tensor 'w' contains something other", """{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}""")]
    [InlineData("shape of tensor 'w' contains something other", """{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}""")]
    [InlineData("shape of tensor 'w' contains something other", """{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}""")]
    [InlineData("shape of tensor 'w' contains something other", """{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}""")]
    [InlineData("is too large", """{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}""")]
    [InlineData("is too large", """{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}""")]
    [InlineData("is too large", """{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}""")]
    [InlineData("has no data_offsets", """{"dtype":"F32","shape":[2]}""")]
    [InlineData("has 1 data_offsets", """{"dtype":"F32","shape":[2],"data_offsets":[8]}""")]
    [InlineData("has 3 data_offsets", """{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}""")]
    [InlineData("data_offsets of tensor 'w' contains something other", """{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}""")]
    [InlineData("data_offsets of tensor 'w' contains something other", """{"dtype":"F32","shape":[2],"data_offsets":[null,8]}""")]
    [InlineData("ends before it begins", """{"dtype":"F32","shape":[2],"data_offsets":[8,0]}""")]
    [InlineData("of shape [3] needs 12 bytes but has 8", """{"dtype":"F32","shape":[3],"data_offsets":[0,8]}""")]
    [InlineData("of shape [] needs 4 bytes but has 8", """{"dtype":"F32","shape":[],"data_offsets":[0,8]}""")]
    [InlineData("of shape [2, 0] needs 0 bytes but has 8", """{"dtype":"F32","shape":[2,0],"data_offsets":[0,8]}""")]
    [InlineData("9223372036854775800 bytes", """{"dtype":"U8","shape":[9223372036854775800],"data_offsets":[0,8]}""")]
    [InlineData("reaches beyond the end", """{"dtype":"U8","shape":[7],"data_offsets":[9223372036854775800,9223372036854775807]}""")]
    public void Wrong_entries_are_refused(string cause, string entry) => Refused(cause, HostileFile.With($"{{\"w\":{entry}}}", new byte[8]));

    [Theory]
    [InlineData("tensor 'b' overlaps", "0,4", "3,7")]
    [InlineData("tensor 'b' overlaps", "0,4", "0,4")]
    [InlineData("1 bytes before tensor 'b' that belong to no tensor", "0,4", "5,9")]
    [InlineData("2 bytes before tensor 'a' that belong to no tensor", "2,6", "6,10")]
    public void Tensors_lie_end_to_end(string cause, string first, string second) => Refused(cause, HostileFile.With(
        "{" + Entry("a", first) + "," + Entry("b", second) + "}", new byte[10]));

    private static string Entry(string name, string offsets) =>
        $$$"""
        "{{{name}}}":{"dtype":"F32","shape":[1],"data_offsets":[{{{offsets}}}]}
        """;

    private void Refused(string cause, byte[] file)
    {
        string message = Assert.Throws<EngineException>(() => Open(file)).Message;
        Assert.Contains(cause, message);
        Assert.Contains(folder.Path, message);
        Assert.Contains("download or export it again", message);
        Assert.DoesNotContain("\n", message);
    }

    private SafetensorsFile Open(byte[] file)
    {
        File.WriteAllBytes(folder.File("w.safetensors"), file);
        return SafetensorsFile.Open(folder.File("w.safetensors"));
    }
}
