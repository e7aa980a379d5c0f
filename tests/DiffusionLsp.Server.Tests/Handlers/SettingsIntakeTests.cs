using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>What paths in settings are relative to: the home folder, the workspace, or the root.</summary>
public sealed class SettingsIntakeTests
{
    [UnixTheory]
    [InlineData("models/a", "/w/models/a")]
    [InlineData("./a", "/w/./a")]
    [InlineData("/a", "/a")]
    [InlineData("~/a", "~/a")]
    [InlineData("", null)]
    public async Task A_path_is_full_when_the_model_is_loaded(string setting, string? expected)
    {
        var loads = new List<EngineOptions>();
        await using var client = new TestClient(options =>
        {
            loads.Add(options);
            return new Completion.ScriptedEngine("x");
        });
        await client.StartAsync(options: new { modelPath = setting, verifierPath = setting, libtorchPath = setting });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        EngineOptions options = Assert.Single(loads);
        string? path = expected?.Replace("~", UserPath.Home);
        Assert.Equal((path, path, path), (options.ModelFolder, options.VerifierFolder, options.LibtorchFolder));
    }
}
