using System.Text;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>An edit in an unreadable message must not be forgotten: a suggestion after it could delete text.</summary>
public class LostMessagesTests
{
    private const string One = "file:///w/one.ts", Other = "file:///w/other.ts";

    private static string Open(string uri) => """{"textDocument":{"uri":"URI","languageId":"typescript","version":1,"text":"x = "}}""".Replace("URI", uri);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///w/one.ts","version":2},"contentChanges":[{"text":"cut""", false)]
    [InlineData("""{"jsonrpc":7,"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///w/one.ts","version":2},"contentChanges":[]}}""", false)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///w/one.ts","version":2},"contentChanges":[]}}""", false)]
    [InlineData("""{"jsonrpc":"2.0","method":"textDocument\/didChange","params":{"textDocument":{"ur""", true)]
    public async Task Its_document_is_out_of_step_or_all_are(string message, bool isOther)
    {
        await using var client = new RawClient(new ScriptedEngine("y;"));
        await client.StartAsync();
        await client.NotifyAsync("textDocument/didOpen", Open(One));
        await client.NotifyAsync("textDocument/didOpen", Open(Other));
        await client.SendAsync(Encoding.UTF8.GetBytes(message));
        await client.SendAsync(Encoding.UTF8.GetBytes(message));
        Assert.Contains("\"outOfStep\":true", await client.TextAsync(One));
        Assert.Equal(isOther, (await client.TextAsync(Other)).Contains("outOfStep"));
        Assert.Equal(isOther ? 2 : 1, client.Notifications.Count(n => n.Contains("window/showMessage")));
        await client.NotifyAsync("textDocument/didChange", """{"textDocument":{"uri":"URI","version":3},"contentChanges":[{"text":"z"}]}""".Replace("URI", One));
        Assert.DoesNotContain("outOfStep", await client.TextAsync(One));
    }

    [Theory]
    [InlineData("""{"jsonrpc":7,"method":"textDocument/didOpen","params":{"textDocument":{"text":"\"textDocument/didChange\""}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":5,"method":"textDocument/completion","params":5}""")]
    [InlineData("rubbish")]
    public async Task What_was_no_edit_changes_nothing(string message)
    {
        await using var client = new RawClient(new ScriptedEngine("y;"));
        await client.StartAsync();
        await client.NotifyAsync("textDocument/didOpen", Open(One));
        await client.SendAsync(Encoding.UTF8.GetBytes(message));
        Assert.DoesNotContain("outOfStep", await client.TextAsync(One));
    }
}
