using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Serve;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>serve</c>: completions over HTTP for other programs. The HTTP API is in Serve/.</summary>
internal static class ServeVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100); // the longest drain delay, and the last requests

    public static Command Create()
    {
        var options = new ServeCommandOptions();
        var logLevel = OptionKinds.Choice("--log-level", "Minimum level of log messages.", "trace", "debug", "info", "warning", "error");
        var command = new LongEndingCommand("serve", "Fill holes over HTTP, for editors and programs that use the llama.cpp, OpenAI, Mistral or Ollama API.", Patience) { logLevel };
        options.AddTo(command);
        ModelOptions models = new ModelOptions().AddTo(command);
        DecoderOptions decoder = new DecoderOptions().AddTo(command);

        command.SetAction(async (parsed, cancellation) =>
        {
            ServeOptions serve = options.Read(parsed, models.Prompt(parsed) ?? 0);
            if (serve.Refusal() is { } refusal) throw new UserException(refusal);
            EngineOptions engine = models.Engine(parsed) with { MostWaiting = serve.Limits.MostWaiting, MostWaitingPerSession = serve.Limits.MostWaitingPerSession, MostSessions = serve.Limits.MostWaiting };
            DecodeOptions decode = decoder.Decode(parsed, new DecodeOptions());
            using LogSetup logs = LogSetup.FileAndStandardError(parsed.GetValue(logLevel) is { } level ? Enum.Parse<LogLevel>(level, ignoreCase: true) : LogLevel.Info);
            await new ServeHost(serve, engine, decode, logs.Log).RunAsync(cancellation).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
