using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Protocol;
using Spectre.Console;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>infill</c>: fills the holes of a JSON Lines file, for measurements. The format is in <see cref="InfillLine"/>.</summary>
internal static class InfillVerb
{
    private const string StandardStream = "-";

    public static Command Create()
    {
        var input = OptionKinds.Text("--input", "JSON Lines with id, prefix, suffix and optionally language, path, maxTokens, singleLine; -: standard input.", "FILE");
        var output = OptionKinds.Text("--output", "Where the answers go, in the same order; -: standard output.", "FILE");
        input.Required = output.Required = true;
        var command = new Command("infill", "Fill the holes of a JSON Lines file.") { input, output };
        ModelOptions models = new ModelOptions().AddTo(command);
        DecoderOptions decoder = new DecoderOptions().AddTo(command);

        command.SetAction(async (parsed, cancellation) =>
        {
            EngineOptions engineOptions = models.Engine(parsed);
            DecodeOptions decode = decoder.Decode(parsed).Validated();
            string from = parsed.GetValue(input)!, to = parsed.GetValue(output)!;
            await using Stream source = from == StandardStream ? Console.OpenStandardInput() : OpenInput(from);
            await using Stream target = to == StandardStream ? ProtectedStdout.Take() : File.Create(to);
            using ICompletionEngine engine = await Task.Run(() => InfillEngineAdapter.Load(engineOptions), cancellation).ConfigureAwait(false);
            using LogSetup logs = LogSetup.FileOnly();
            var runner = new InfillRunner(engine, decode, logs.Log);
            int? lines = from == StandardStream ? null : CountLines(from);
            await RunAsync(runner, source, target, lines, cancellation).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"{runner.Lines} lines answered, {runner.Errors} of them with an error.").ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static FileStream OpenInput(string path) =>
        File.Exists(path) ? File.OpenRead(path) : throw new UserException($"There is no file '{path}'.");

    private static int CountLines(string path) => File.ReadLines(path).Count(line => !string.IsNullOrWhiteSpace(line));

    private static async Task RunAsync(InfillRunner runner, Stream source, Stream target, int? lines, CancellationToken cancellation)
    {
        if (Console.IsErrorRedirected)
        {
            await runner.RunAsync(source, target, () => { }, cancellation).ConfigureAwait(false);
            return;
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask("infill", maxValue: Math.Max(1, lines ?? 1));
                task.IsIndeterminate = lines is null;
                await runner.RunAsync(source, target, () => Advance(task, runner, lines), cancellation).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static void Advance(ProgressTask task, InfillRunner runner, int? lines)
    {
        task.Description = $"infill, {runner.Lines} lines";
        if (lines is not null) task.Value = runner.Lines;
    }
}
