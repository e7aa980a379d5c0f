using DiffusionLsp.Server.Completion;
using OllamaSharp;
using OllamaSharp.Models;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>Ollama's client library for .NET against the embedded model.</summary>
public sealed class OllamaSharpTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_completes_a_hole(bool streams)
    {
        await using RunningServe serve = await RunningServe.StartAsync(InfillEngineAdapter.Load);
        using var client = new OllamaApiClient(new Uri(serve.Addresses.Main), "nano");
        Assert.True(await client.IsRunningAsync());
        Assert.Equal("nano", Assert.Single(await client.ListLocalModelsAsync()).Name);
        Assert.Contains(".Suffix", (await client.ShowModelAsync("nano")).Template);

        string text = "";
        GenerateResponseStream? last = null;
        for (int tries = 0; text.Length == 0 && tries < 5; tries++) // the first forwards of a process may take longer than its budget
            await foreach (GenerateResponseStream? piece in client.GenerateAsync(new GenerateRequest { Model = "nano", Prompt = "def add(a, b):\n    return ", Suffix = "\n\nprint(add(1, 2))\n", Stream = streams }))
                (text, last) = (text + piece!.Response, piece);
        Assert.Equal("a + b", text);
        var done = Assert.IsType<GenerateDoneResponseStream>(last);
        Assert.True(done.Done);
        Assert.InRange(done.EvalCount, 1, 128);
    }
}
