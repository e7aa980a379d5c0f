using System.Text;
using System.Text.Json;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>Edits as clients really send them, byte by byte: both sides stay in sync, or the server knows that they do not.</summary>
public class TextSyncHandlersTests
{
    private const string Uri = "file:///w/a.ts";
    private const string OpenParameters = """{"textDocument":{"uri":"file:///w/a.ts","languageId":"typescript","version":1,"text":"x = ''"}}""";

    private static async Task<RawClient> StartAsync(string written = "y;")
    {
        var client = new RawClient(new ScriptedEngine(written));
        await client.StartAsync();
        await client.NotifyAsync("textDocument/didOpen", OpenParameters);
        return client;
    }

    private static string Change(string changes, string version = "2") =>
        $$$"""{"textDocument":{"uri":"{{{Uri}}}","version":{{{version}}}},"contentChanges":{{{changes}}}}""";

    private static string Edit(string startLine, string start, string endLine, string end, string text) =>
        $$$"""{"range":{"start":{"line":{{{startLine}}},"character":{{{start}}}},"end":{"line":{{{endLine}}},"character":{{{end}}}}},"text":{{{text}}}}""";

    private static string Insert(int column, string text) => Edit("0", $"{column}", "0", $"{column}", $"\"{text}\"");

    private static Task<string> CompleteAsync(RawClient client, int column) => client.RequestAsync("textDocument/inlineCompletion",
        $$$"""{"textDocument":{"uri":"{{{Uri}}}"},"position":{"line":0,"character":{{{column}}}},"context":{"triggerKind":1}}""");

    [Fact]
    public async Task A_character_in_two_halves_arrives_whole()
    {
        await using RawClient client = await StartAsync();
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(5, "\\ud83d")}]"));
        Assert.Equal("""{"version":2,"text":"x = \u0027\ud83d\u0027"}""", await client.TextAsync(Uri));
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(6, "\\uDE42")}]", "3"));
        using JsonDocument whole = JsonDocument.Parse(await client.TextAsync(Uri));
        Assert.Equal("x = '🙂'", whole.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Half_a_character_comes_back_in_answers_as_it_came()
    {
        var engine = new ScriptedEngine("y;");
        await using var client = new RawClient(engine);
        await client.StartAsync();
        await client.NotifyAsync("textDocument/didOpen", OpenParameters);
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(0, "\\ude42\\ud83d")}]"));
        string answer = await CompleteAsync(client, 8);
        Assert.Contains("""
            "insertText":"\ude42\ud83dx = \u0027\u0027y;"
            """.Trim(), answer);
        Assert.Equal("\ude42\ud83dx = ''", engine.Requests[^1].Prefix);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_replacement_characters()
    {
        await using RawClient client = await StartAsync();
        byte[] before = Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{{Change("[" + Insert(5, "a§b") + "]")}}}}""");
        int at = before.AsSpan().IndexOf("§"u8);
        await client.SendAsync([.. before[..at], 0xFF, .. before[(at + 2)..]]);
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(8, "c")}]", "3"));
        using JsonDocument text = JsonDocument.Parse(await client.TextAsync(Uri));
        Assert.Equal("x = 'a\uFFFDbc'", text.RootElement.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("0.0", "5.0", "0e0", "50e-1", "x = \\u0027a\\u0027")]
    [InlineData("0", "5", "2147483648", "0", "x = \\u0027a")]
    [InlineData("0", "5", "0", "1e99", "x = \\u0027a")]
    [InlineData("99999999999999999999", "3000000000", "99999999999999999999", "0", "x = \\u0027\\u0027a")]
    [InlineData("0", "6", "0", "4", "x = a")]
    [InlineData("7", "0", "0", "4", "x = a")]
    [InlineData("-0", "5", "-0.0", "6", "x = \\u0027a")]
    public async Task Any_way_to_write_a_place_is_understood(string startLine, string start, string endLine, string end, string expected)
    {
        await using RawClient client = await StartAsync();
        await client.NotifyAsync("textDocument/didChange", Change($"[{Edit(startLine, start, endLine, end, "\"a\"")}]"));
        Assert.Contains($"\"text\":\"{expected}\"}}", await client.TextAsync(Uri));
    }

    [Theory]
    [InlineData("3000000000", "3000000000")]
    [InlineData("3e9", "3000000000")]
    [InlineData("7.0", "7")]
    [InlineData("-4", "-4")]
    [InlineData("2.5", "2")] // counted on from 1
    [InlineData("null", "2")]
    [InlineData("\"v2\"", "2")]
    [InlineData("1e300", "2")]
    public async Task Whatever_a_version_is_the_edit_counts(string version, string expected)
    {
        await using RawClient client = await StartAsync();
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(0, "a")}]", version));
        Assert.Equal($$$"""{"version":{{{expected}}},"text":"ax = \u0027\u0027"}""", await client.TextAsync(Uri));
        await client.NotifyAsync("textDocument/didOpen", OpenParameters.Replace("\"version\":1", $"\"version\":{version}"));
        Assert.Contains("\"text\":\"x = \\u0027\\u0027\"}", await client.TextAsync(Uri));
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[5]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}]""")]
    [InlineData("""[{"range":{"start":{"line":0,"character":0},"end":{"line":0}},"text":"a"}]""")]
    [InlineData("""[{"range":{"start":{"line":0,"character":0}},"text":"a"}]""")]
    [InlineData("""[{"range":5,"text":"a"}]""")]
    [InlineData("""[{"range":{"start":{"line":0,"character":-1},"end":{"line":0,"character":1}},"text":"a"}]""")]
    [InlineData("""[{"range":{"start":{"line":0,"character":0.5},"end":{"line":0,"character":1}},"text":"a"}]""")]
    [InlineData("""[{"text":5}]""")]
    [InlineData("""[{"text":null}]""")]
    [InlineData("""[{"\ud83d":1,"text":5}]""")]
    [InlineData("""[{"text":"whole"},null]""")]
    public async Task After_an_edit_that_cannot_be_read_nothing_is_offered_until_the_whole_text_comes(string changes)
    {
        await using RawClient client = await StartAsync();
        Assert.Contains("y;", await CompleteAsync(client, 6));
        await client.NotifyAsync("textDocument/didChange", Change(changes));
        Assert.Contains("\"items\":[]", await CompleteAsync(client, 6));
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(0, "a")}]", "3"));
        Assert.Contains("\"items\":[]", await CompleteAsync(client, 7));
        await client.NotifyAsync("textDocument/didChange", Change("[null]", "4"));
        Assert.Contains("\"outOfStep\":true", await client.TextAsync(Uri));
        Assert.Contains("\"result\":[]", await client.RequestAsync("textDocument/codeAction",
            $$$"""{"textDocument":{"uri":"{{{Uri}}}"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"context":{"diagnostics":[]}}"""));
        Assert.Contains("-32803", await client.RequestAsync("$/diffusion/infill",
            $$$$"""{"textDocument":{"uri":"{{{{Uri}}}}"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}"""));
        Assert.Contains("could not apply an edit to a.ts", Assert.Single(client.Notifications, n => n.Contains("window/showMessage")));

        await client.NotifyAsync("textDocument/didChange", Change("""[{"text":"z = "}]""", "5"));
        Assert.Equal("""{"version":5,"text":"z = "}""", await client.TextAsync(Uri));
        Assert.Contains("y;", await CompleteAsync(client, 4));
    }

    [Fact]
    public async Task A_document_whose_text_cannot_be_read_is_out_of_step_until_it_is_opened_again()
    {
        await using RawClient client = await StartAsync();
        await client.NotifyAsync("textDocument/didOpen", """{"textDocument":{"uri":"file:///w/a.ts","languageId":5,"version":{},"text":[]}}""");
        Assert.Contains("\"items\":[]", await CompleteAsync(client, 0));
        await client.NotifyAsync("textDocument/didClose", """{"textDocument":{"uri":"file:/w/a.ts"}}""");
        await client.NotifyAsync("textDocument/didOpen", """{"textDocument":{"uri":"file:///w/a.ts","text":"z = "}}""");
        Assert.Equal("""{"version":0,"text":"z = "}""", await client.TextAsync(Uri));
        Assert.Contains("y;", await CompleteAsync(client, 4));
    }

    [Fact]
    public async Task What_is_not_open_is_changed_and_closed_in_vain()
    {
        await using RawClient client = await StartAsync();
        await client.NotifyAsync("textDocument/didChange", Change("[null]").Replace(Uri, "file:///w/other.ts"));
        await client.NotifyAsync("textDocument/didClose", """{"textDocument":{"uri":"file:///w/other.ts"}}""");
        Assert.Equal("null", await client.TextAsync("file:///w/other.ts"));
        Assert.DoesNotContain(client.Notifications, n => n.Contains("window/showMessage"));
        Assert.Equal("""{"version":1,"text":"x = \u0027\u0027"}""", await client.TextAsync(Uri));
    }

    [Fact]
    public async Task All_spellings_of_a_URI_mean_the_document_and_edits_name_the_client_s()
    {
        var client = new RawClient(new ScriptedEngine("y;"));
        await using RawClient _ = client;
        await client.StartAsync("file:///C:/w");
        await client.NotifyAsync("textDocument/didOpen", OpenParameters.Replace(Uri, "file:///c%3A/w/a.ts"));
        await client.NotifyAsync("textDocument/didChange", Change($"[{Insert(0, "a")}]").Replace(Uri, "file:///C:/w/a.ts"));
        Assert.Contains("ax = ", await client.TextAsync("file:///c:/w/a.ts"));
        Assert.Contains("file:///c%3A/w/a.ts", await client.RequestAsync("$/diffusion/infill",
            """{"textDocument":{"uri":"file:/C:/w/a.ts"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}"""));
    }
}
