using System.CommandLine;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>What the command line of <c>lsp</c> says holds over the client's settings, and what it leaves out does not.</summary>
public sealed class LspOverridesTests
{
    private static readonly ServerSettings Client = new() { ModelPath = "client", LibtorchPath = "torch", Threads = 3, PromptTokens = 700, CudaGraphs = true, Device = DeviceChoice.Cpu };

    [Fact]
    public void Every_model_option_is_taken_over()
    {
        ServerSettings actual = Overridden("--model", "folder", "--verifier-model", "small", "--libtorch", "lib", "--threads", "5", "--prompt-tokens", "900", "--no-cuda-graphs", "--device", "cuda");
        Assert.Equal(Client with { ModelPath = "folder", VerifierPath = "small", LibtorchPath = "lib", Threads = 5, PromptTokens = 900, CudaGraphs = false, Device = DeviceChoice.Cuda }, actual);
    }

    [Fact]
    public void Without_options_the_clients_settings_stay() => Assert.Equal(Client, Overridden());

    private static ServerSettings Overridden(params string[] arguments)
    {
        var command = new RootCommand();
        ModelOptions models = new ModelOptions().AddTo(command);
        return LspVerb.Overrides(models, command.Parse(arguments), null)(Client);
    }
}
