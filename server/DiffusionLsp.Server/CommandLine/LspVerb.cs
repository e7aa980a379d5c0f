using System.CommandLine;
using System.CommandLine.Parsing;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// <c>lsp</c>: serves one editor over standard streams, or over a socket or pipe on which the editor listens, following LSP's
/// conventions.
/// </summary>
internal static class LspVerb
{
    public static Command Create()
    {
        var stdio = OptionKinds.Switch("--stdio", "Communicate over standard input and output (the default).");
        var socket = OptionKinds.Integer("--socket", "Connect to this TCP port of 127.0.0.1, on which the editor listens.", 1, 65535);
        var pipe = OptionKinds.Text("--pipe", "Connect to this named pipe or socket file, on which the editor listens.", "NAME");
        var process = OptionKinds.Integer("--clientProcessId", "End when this process ends.", 1, int.MaxValue);
        var logLevel = OptionKinds.Choice("--log-level", "Minimum level of log messages.", "trace", "debug", "info", "warning", "error");
        var command = new Command("lsp", "Run the language server.") { stdio, socket, pipe, process, logLevel };
        ModelOptions models = new ModelOptions().AddTo(command);
        command.Validators.Add(result =>
        {
            int ways = new Option[] { stdio, socket, pipe }.Count(option => result.GetResult(option) is not null);
            if (ways > 1) result.AddError("Use only one of --stdio, --socket and --pipe");
        });

        command.SetAction(async (parsed, cancellation) =>
        {
            Func<ServerSettings, ServerSettings> overrides = Overrides(models, parsed, parsed.GetValue(logLevel));
            await using Channel channel = await Channel.OpenAsync(parsed.GetValue(socket), parsed.GetValue(pipe)).ConfigureAwait(false);
            using LogSetup logs = LogSetup.FileAndStandardError(overrides(new ServerSettings()).LogLevel);
            var options = new ServerHostOptions
            {
                Log = logs.Log, Overrides = overrides, SetLogLevel = logs.Set, ClientProcessId = parsed.GetValue(process), Diagnose = DoctorVerb.Diagnose,
                OutputClosed = channel.OutputClosed, Ending = ProcessEnd.Soon,
            };
            int code = await new ServerHost(options).RunAsync(channel.Input, channel.Output, cancellation).ConfigureAwait(false);
            logs.Log.Information("the server ends with exit code {Code}", code);
            return code;
        });
        return command;
    }

    internal static Func<ServerSettings, ServerSettings> Overrides(ModelOptions models, ParseResult parsed, string? logLevel) => settings => settings with
    {
        ModelPath = models.Model(parsed) ?? settings.ModelPath,
        VerifierPath = models.Verifier(parsed) ?? settings.VerifierPath,
        LibtorchPath = models.Libtorch(parsed) ?? settings.LibtorchPath,
        Threads = models.Threads(parsed) ?? settings.Threads,
        PromptTokens = models.Prompt(parsed) ?? settings.PromptTokens,
        CudaGraphs = models.CudaGraphs(parsed) && settings.CudaGraphs,
        Device = models.Device(parsed) is { } device ? Enum.Parse<DeviceChoice>(device, ignoreCase: true) : settings.Device,
        LogLevel = logLevel is { } level ? Enum.Parse<LogLevel>(level, ignoreCase: true) : settings.LogLevel,
    };
}
