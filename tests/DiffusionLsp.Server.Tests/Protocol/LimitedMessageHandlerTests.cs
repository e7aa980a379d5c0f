using System.IO.Pipelines;
using System.Text;
using DiffusionLsp.Server.Tests.Completion;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Protocol;

/// <summary>Bytes that no proper client sends: rubbish, huge announcements, JSON that is none.</summary>
public class LimitedMessageHandlerTests
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}""";
    private readonly Pipe up = new(), down = new();
    private readonly Task<int> exitCode;

    public LimitedMessageHandlerTests()
    {
        var host = new ServerHost(new ServerHostOptions { Load = (_, _) => new ScriptedEngine(""), Log = Logger.None, MaxMessageBytes = 1000 });
        exitCode = Task.Run(() => host.RunAsync(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    private async Task SendAsync(string bytes) => await up.Writer.WriteAsync(Encoding.UTF8.GetBytes(bytes));

    private static string Framed(string json) => $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    private async Task<string> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        ReadResult read = await down.Reader.ReadAsync(patience.Token);
        string text = Encoding.UTF8.GetString(read.Buffer);
        down.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }

    [Fact]
    public async Task A_message_in_single_bytes_is_read()
    {
        foreach (char c in Framed(Initialize)) await SendAsync(c.ToString());
        Assert.Contains("utf-16", await ReceiveAsync());
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("[1,2")]
    [InlineData("hello")]
    [InlineData("\0\0\0")]
    public async Task A_body_that_is_no_JSON_is_answered_and_the_next_message_read(string body)
    {
        await SendAsync(Framed(body));
        Assert.Contains("-32700", await ReceiveAsync());
        await SendAsync(Framed(Initialize));
        Assert.Contains("utf-16", await ReceiveAsync());
    }

    [Theory]
    [InlineData("Content-Length: 1001\r\n\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: -5\r\n\r\n")]
    [InlineData("Content-Length: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task A_header_that_is_none_or_too_much_ends_the_connection(string header)
    {
        await SendAsync(header);
        Assert.Equal(1, await exitCode.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_header_without_an_end_does_not_fill_the_memory()
    {
        await SendAsync(new string('x', 5000));
        Assert.Equal(1, await exitCode.WaitAsync(TimeSpan.FromSeconds(10)));
    }
}
