using DiffusionLsp.Engine;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Another open document's text reaches the engine, above the prefix and within its budget; by default it does not.</summary>
public class ContextOverTheWireTests
{
    private const string Other = "file:///w/b.ts";

    [Theory]
    [InlineData("always", true)]
    [InlineData("auto", false)] // the scripted model is small
    public async Task An_open_document_helps_another(string context, bool helps)
    {
        var engine = new ScriptedEngine(request => $"x{request.Related.Count};");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0, context, contextTokens = 99, cacheEntries = 0 });
        await client.NotifyAsync("textDocument/didOpen", new
        {
            textDocument = new { uri = Other, languageId = "typescript", version = 1, text = "export function totalOf(cart, discount) {\r\n  return cart;\r\n}\r\n" },
        });
        // The first request has the snippets selected in the background; a later one brings them.
        for (int i = 0; i < 200 && (i < 5 || (helps && engine.Requests[^1].Related.Count == 0)); i++)
            await client.CompleteAsync($"totalOf(cart, discount{i} + ║)");
        InfillRequest last = engine.Requests[^1];
        if (helps) Assert.Equal("// b.ts\nexport function totalOf(cart, discount) {\n  return cart;\n}\n\n", Assert.Single(last.Related));
        else Assert.Empty(last.Related);
        Assert.Equal(99, last.RelatedTokens);
    }
}
