using System.IO.Pipelines;
using System.Text;
using DiffusionLsp.Server.Tests.Completion;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace DiffusionLsp.Server.Tests.Protocol;

/// <summary>Malformed messages: each costs an error response or a log line, and the next valid message works.</summary>
public class LimitedMessageHandlerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}""";
    private readonly Pipe up = new(), down = new();
    private readonly Task<int> exitCode;
    private readonly Lines lines = new();
    private readonly StringBuilder received = new();
    private int requests = 1000;

    public LimitedMessageHandlerTests()
    {
        var host = new ServerHost(new ServerHostOptions { Load = (_, _) => new ScriptedEngine(""), Log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger(), MaxMessageBytes = 1000 });
        exitCode = Task.Run(() => host.RunAsync(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    private async Task SendAsync(string bytes) => await up.Writer.WriteAsync(Encoding.UTF8.GetBytes(bytes));

    private static string Framed(string json) => $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    /// <summary>Everything that the server sends until a text appears.</summary>
    private async Task<string> UntilAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!received.ToString().Contains(text))
        {
            ReadResult read = await down.Reader.ReadAsync(patience.Token);
            received.Append(Encoding.UTF8.GetString(read.Buffer));
            down.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) throw new EndOfStreamException($"the server has ended; it sent: {received}");
        }
        string all = received.ToString();
        received.Clear();
        return all;
    }

    private async Task StartAsync()
    {
        await SendAsync(Framed(Initialize));
        await UntilAsync("utf-16");
    }

    /// <summary>A valid request gets its answer; returns what was sent before that.</summary>
    private async Task<string> GoodAsync()
    {
        int id = requests++;
        await SendAsync(Framed("""{"jsonrpc":"2.0","id":ID,"method":"$/diffusion/text","params":{"textDocument":{"uri":"file:///none"}}}""".Replace("ID", $"{id}")));
        string all = await UntilAsync($"\"id\":{id},\"result\":null");
        Assert.False(exitCode.IsCompleted);
        Assert.DoesNotContain("System.", all);
        Assert.DoesNotContain("StreamJsonRpc", all);
        Assert.DoesNotContain("   at ", all);
        Assert.DoesNotContain("\"data\"", all);
        Assert.All(lines.Events, line => Assert.Null(line.Exception));
        return all;
    }

    [Fact]
    public async Task A_message_in_single_bytes_is_read()
    {
        foreach (char c in Framed(Initialize)) await SendAsync(c.ToString());
        Assert.Contains("utf-16", await UntilAsync("utf-16"));
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("[1,2")]
    [InlineData("hello")]
    [InlineData("\0\0\0")]
    [InlineData("")]
    [InlineData("{\"id\":1}{}")]
    public async Task A_body_that_is_no_JSON_is_answered_and_the_next_message_read(string body)
    {
        await SendAsync(Framed(body));
        Assert.Contains("\"id\":null", await UntilAsync("-32700"));
        await StartAsync();
        await GoodAsync();
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"shutdown","params":5}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"textDocument/completion","params":"x"}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"textDocument/completion","params":true}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"textDocument/completion","params":[1,2]}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"shutdown","params":[{},{}]}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":5}""", -32600, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":null}""", -32600, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":{"a":1}}""", -32600, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"a\ud800"}""", -32601, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"a/b"}""", -32601, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"$/enumerator/next","params":{}}""", -32601, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"$/progress","params":{"token":[]}}""", -32601, "7")]
    [InlineData("""{"jsonrpc":2,"id":7,"method":"shutdown"}""", -32600, "7")]
    [InlineData("""{"jsonrpc":null,"id":7,"method":"shutdown"}""", -32600, "7")]
    [InlineData("""{"jsonrpc":"\udc00","id":7,"method":"shutdown"}""", -32600, "7")]
    [InlineData("""{"jsonrpc":"1.0","id":"x","method":"shutdown"}""", -32600, "\"x\"")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}""", -32600, "1.5")]
    [InlineData("""{"jsonrpc":"2.0","id":1e400,"method":"shutdown"}""", -32600, "1e400")]
    [InlineData("""{"jsonrpc":"2.0","id":99999999999999999999,"method":"shutdown"}""", -32600, "99999999999999999999")]
    [InlineData("""{"jsonrpc":"2.0","id":{"a":1},"method":"shutdown"}""", -32600, "null")]
    [InlineData("""{"jsonrpc":"2.0","id":7}""", -32600, "7")]
    [InlineData("""[{"jsonrpc":"2.0","id":7,"method":"shutdown"}]""", -32600, "null")]
    [InlineData("5", -32600, "null")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"$/cancelRequest","params":{"id":{}}}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"textDocument/inlineCompletion","params":{"textDocument":{"uri":null},"position":{"line":0,"character":0}}}""", -32602, "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"textDocument/codeAction","params":{"textDocument":{"uri":""},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"context":{"only":[null]}}}""", -32602, "7")]
    public async Task A_request_that_is_not_well_formed_is_refused(string message, int code, string id)
    {
        await StartAsync();
        await SendAsync(Framed(message));
        Assert.Contains($"\"id\":{id},\"error\":{{\"code\":{code},", await GoodAsync());
        Assert.NotEmpty(lines.Events);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"exit","params":5}""")]
    [InlineData("""{"jsonrpc":"2.0","method":5}""")]
    [InlineData("""{"jsonrpc":7,"method":"exit"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":4711,"result":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"result":null}""")]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"error":5}""")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"error":{"code":"x"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"a","error":null}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"a","version":1},"contentChanges":[null]}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":null,"contentChanges":[]}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest"}""")]
    public async Task What_nobody_waits_for_is_one_line_of_the_log(string message)
    {
        await StartAsync();
        int before = lines.Events.Length;
        await SendAsync(Framed(message));
        Assert.DoesNotContain("error", await GoodAsync());
        Assert.Single(lines.Events[before..], line => line.Level >= LogEventLevel.Warning);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"traceparent":5,"tracestate":[],"joinableTaskToken":{},"method":"$/diffusion/text","params":{"textDocument":{"uri":""}}}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"exit","method":"$/diffusion/text","params":{"textDocument":{"uri":""}}}""", "2")]
    [InlineData("""{"id":1,"method":"$/diffusion/text","params":{"textDocument":{"uri":""}},"result":5}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":3.0,"method":"$/diffusion/text","params":{"textDocument":{"uri":""},"\ud83d":"\udc00"}}""", "3")]
    [InlineData("""{"jsonrpc":"2.0","id":"é\ud83d\ude42","method":"$/diffusion/text","params":{"textDocument":{"uri":""}}}""", "\"\\u00E9\\uD83D\\uDE42\"")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"$/diffusion/text","params":[{"textDocument":{"uri":""}}]}""", "4")]
    [InlineData("""{"jsonrpc":"2.0","id":4,"method":"$/diffusion/text","params":[{"textDocument":{"uri":""},"text":"\ud83d"}]}""", "4")]
    [InlineData("\uFEFF{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"$/diffusion/text\",\"params\":{\"textDocument\":{\"uri\":\"\"}}}", "4")]
    public async Task What_is_only_odd_is_answered(string message, string id)
    {
        await StartAsync();
        await SendAsync(Framed(message));
        Assert.Contains($"\"id\":{id},\"result\":null", await GoodAsync());
    }

    [Theory]
    [InlineData("{\"diffusionLsp\":{\"modelPath\":\"\\ud800\",\"debounceMs\":7}}")]
    [InlineData("{\"diffusionLsp\":{\"\\udfff\":1,\"exclude\":[\"\\ud800\",null,5],\"debounceMs\":7}}")]
    [InlineData("{\"\\ud800\":{},\"diffusionLsp\":{\"device\":\"\\ud800\",\"languages\":{\"\\udc00\":\"\\ud800\"}}}")]
    [InlineData("5")]
    [InlineData("[[]]")]
    public async Task Settings_with_invalid_text_cost_nothing_but_themselves(string settings)
    {
        await StartAsync();
        await SendAsync(Framed("""{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":VALUE}}""".Replace("VALUE", settings)));
        await GoodAsync();
        Assert.DoesNotContain(lines.Events, line => line.Level >= LogEventLevel.Error);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_replaced()
    {
        await StartAsync();
        byte[] body = [.. "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"u\",\"text\":\"a"u8, 0xFF, .. "b\"}}}"u8];
        await up.Writer.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), .. body]);
        await SendAsync(Framed("""{"jsonrpc":"2.0","id":5,"method":"$/diffusion/text","params":{"textDocument":{"uri":"u"}}}"""));
        Assert.Contains("""{"version":0,"text":"a\uFFFDb"}""", await GoodAsync());
    }

    [Fact]
    public async Task Two_requests_with_one_id_have_two_answers()
    {
        await StartAsync();
        const string request = """{"jsonrpc":"2.0","id":9,"method":"$/diffusion/text","params":{"textDocument":{"uri":"u"}}}""";
        for (int i = 0; i < 20; i++) await SendAsync(Framed(request));
        Assert.Equal(20, (await GoodAsync()).Split("\"id\":9,").Length - 1);
    }

    [Fact]
    public async Task Nesting_without_end_is_refused_by_its_id()
    {
        await StartAsync();
        foreach (int depth in (int[])[62, 63, 64, 400])
            await SendAsync(Framed("""{"jsonrpc":"2.0","id":ID,"method":"$/diffusion/unknown","params":{"a":VALUE}}""".Replace("ID", $"{depth}").Replace("VALUE", new string('[', depth) + new string(']', depth))));
        string all = await UntilAsync("\"id\":400,");
        Assert.Contains("\"id\":62,\"error\":{\"code\":-32601", all);
        Assert.Contains("\"id\":63,\"error\":{\"code\":-32602", all);
        Assert.Contains("\"id\":400,\"error\":{\"code\":-32602", all);
    }

    [Theory]
    [InlineData("Content-Length: 1001\r\n\r\n", "over the limit")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n", "over the limit")]
    [InlineData("Content-Length: 1001\r\nContent-Length: 5000\r\n\r\n{}", "over the limit")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5000\r\n\r\n{}        ", "refused")]
    [InlineData("Content-Length: 900\r\n\r\n{\"a\":1", "begins before its end")]
    [InlineData("Content-Length: 12\r\n{\"a\":1", "belong to no message")]
    [InlineData("Content-Length: -5\r\n\r\n{}", "belong to no message")]
    [InlineData("Content-Length: x\r\n\r\n{}", "belong to no message")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "belong to no message")]
    [InlineData("hello", "belong to no message")]
    [InlineData("Content-Type: application/vscode-jsonrpc; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}", "not in UTF-8")]
    public async Task Framing_that_is_none_is_skipped_with_a_line_of_the_log(string bytes, string line)
    {
        await StartAsync();
        await SendAsync(bytes);
        await GoodAsync();
        Assert.Contains(lines.Events, e => e.RenderMessage().Contains(line));
        await GoodAsync();
    }

    [Theory]
    [InlineData("content-length: {0}\r\n\r\n")]
    [InlineData("CONTENT-LENGTH:{0}\r\n\r\n")]
    [InlineData("\r\n\r\nContent-Length: {0}\r\n\r\n")]
    [InlineData("\uFEFFContent-Length: {0}\r\n\r\n")]
    [InlineData("Content-Length: {0}\n\n")]
    [InlineData("Content-Length : 0{0} \r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n")]
    [InlineData("Content-Type: application/vscode-jsonrpc\r\nX-Anything: y\r\nContent-Length: {0}\r\n\r\n")]
    [InlineData("Content-Length: {0}\r\nContent-Length: {0}\r\n\r\n")]
    [InlineData("Content-Length: 3\r\nContent-Length: {0}\r\n\r\n")]
    [InlineData("Content-Length: {0}\r\nContent-Length: 900\r\n\r\n")]
    public async Task Headers_in_other_forms_are_read_quietly(string header)
    {
        await SendAsync(string.Format(header, Encoding.UTF8.GetByteCount(Initialize)) + Initialize);
        Assert.DoesNotContain("-32700", await UntilAsync("utf-16"));
        await GoodAsync();
        Assert.DoesNotContain(lines.Events, e => e.Level >= LogEventLevel.Warning);
    }

    [Fact]
    public async Task A_header_without_an_end_is_one_line_of_the_log()
    {
        for (int i = 0; i < 100; i++) await SendAsync(new string('x', 1 << 16));
        await StartAsync();
        Assert.Single(lines.Events, e => e.Level == LogEventLevel.Warning);
    }

    [Theory]
    [InlineData("Content-Length: 50\r\n\r\n{\"a\":")]
    [InlineData("Content-Len")]
    [InlineData("")]
    public async Task A_stream_that_ends_anywhere_ends_the_server_in_order(string last)
    {
        await StartAsync();
        await SendAsync(last);
        await up.Writer.CompleteAsync();
        Assert.Equal(1, await exitCode.WaitAsync(Patience));
        Assert.All(lines.Events, line => Assert.Null(line.Exception));
    }

    private sealed class Lines : ILogEventSink
    {
        private readonly List<LogEvent> events = [];

        public LogEvent[] Events
        {
            get
            {
                lock (events) return [.. events];
            }
        }

        public void Emit(LogEvent logEvent)
        {
            lock (events) events.Add(logEvent);
        }
    }
}
