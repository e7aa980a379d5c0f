using System.Text;
using System.Text.Json;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Tests.Protocol;

public class EnvelopeTests
{
    private static Envelope? Read(string json) => Envelope.Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Only_the_outermost_members_count_and_the_last_of_each()
    {
        Envelope envelope = Read("""{"id":1,"params":{"id":2,"a":[{"method":3}]},"id":"x","method":null,"result":[1,[2]]}""")!;
        Assert.Equal("\"x\"", Encoding.UTF8.GetString(envelope.Bytes(envelope["id"]!.Value)));
        Assert.Equal("""{"id":2,"a":[{"method":3}]}""", Encoding.UTF8.GetString(envelope.Bytes(envelope["params"]!.Value)));
        Assert.Equal("[1,[2]]", Encoding.UTF8.GetString(envelope.Bytes(envelope["result"]!.Value)));
        Assert.Equal((JsonTokenType.Null, 4), (envelope["method"]!.Value.Kind, envelope.Depth));
        Assert.Null(envelope["error"]);
    }

    [Theory]
    [InlineData("""{"id":1,}""")]
    [InlineData("""{"id":1""")]
    [InlineData("""{"id":1} x""")]
    [InlineData("")]
    [InlineData("""{"a":01}""")]
    [InlineData("// a\n{}")]
    public void What_is_no_JSON_is_null(string text) => Assert.Null(Read(text));

    [Theory]
    [InlineData("[]", 1)]
    [InlineData("[{\"method\":1}]", 2)]
    [InlineData("5", 0)]
    public void What_is_no_object_has_no_members(string json, int depth)
    {
        Envelope envelope = Read(json)!;
        Assert.False(envelope.IsObject);
        Assert.Empty(envelope.Members);
        Assert.Equal(depth, envelope.Depth);
    }

    [Fact]
    public void Only_the_text_of_documents_and_an_id_may_hold_half_a_pair()
    {
        Envelope envelope = Read("""{"id":"\ud800","method":"\ud800","params":{"text":"\ud83d","t\u0065xt":"\udc00","\udc00":"\ud800","uri":"\ud800","a":{"id":"\ud800"},"b":["\ud800"]}}""")!;
        Assert.Equal(
            """{"id":"\ud800","method":"\ufffd","params":{"text":"\ud83d","t\u0065xt":"\udc00","\ufffd":"\ufffd","uri":"\ufffd","a":{"id":"\ufffd"},"b":["\ufffd"]}}""",
            Encoding.UTF8.GetString(envelope.Json));
        Assert.Equal("\uFFFD", envelope.Text(envelope["method"]));
    }

    [Fact]
    public void Nesting_of_any_depth_is_measured()
    {
        const int depth = 100_000;
        Assert.Equal(depth, Read(new string('[', depth) + new string(']', depth))!.Depth);
    }
}
