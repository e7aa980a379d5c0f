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
    // Device files that refer to a socket cannot be opened; some parent processes pass such ones.
    private static readonly string[] StandardInput = ["-", "/dev/stdin"], StandardOutput = ["-", "/dev/stdout"];

    public static Command Create()
    {
        var input = OptionKinds.Text("--input", "JSON Lines with id, prefix, suffix and optionally language, path, maxTokens, singleLine; -: standard input.", "FILE");
        var output = OptionKinds.Text("--output", "Where the answers go, in the same order; -: standard output.", "FILE");
        input.Required = output.Required = true;
        var command = new Command("infill", "Fill the holes in a JSON Lines file.") { input, output };
        ModelOptions models = new ModelOptions().AddTo(command);
        DecoderOptions decoder = new DecoderOptions().AddTo(command);

        command.SetAction(async (parsed, cancellation) =>
        {
            EngineOptions engineOptions = models.Engine(parsed);
            DecodeOptions decode = decoder.Decode(parsed, new DecodeOptions());
            string from = parsed.GetValue(input)!, to = parsed.GetValue(output)!;
            await using Stream source = StandardInput.Contains(from) ? Console.OpenStandardInput() : OpenInput(from);
            await using Stream target = StandardOutput.Contains(to) ? ProtectedStdout.Take() : OpenOutput(to);
            using ICompletionEngine engine = await Task.Run(() => InfillEngineAdapter.Load(engineOptions), cancellation).ConfigureAwait(false);
            using LogSetup logs = LogSetup.FileOnly();
            var runner = new InfillRunner(engine, decode, logs.Log);
            if (target is FileStream { CanSeek: true, Length: > 0 }) target.SetLength(0); // only now: if the model does not load, the output of an earlier run is kept
            await RunAsync(runner, source, target, cancellation).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"{runner.Lines} lines answered, {runner.Errors} of them with an error.").ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static FileStream OpenInput(string path) =>
        File.Exists(path) ? File.OpenRead(path) : throw new UserException($"There is no file '{path}'.");

    /// <summary>Opens a file for writing without truncating it.</summary>
    private static FileStream OpenOutput(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (DirectoryNotFoundException)
        {
            throw new UserException($"The folder of '{path}' does not exist; create it first.");
        }
        catch (IOException e)
        {
            // For example because it is also the input, under the same or another name.
            throw new UserException($"'{path}' cannot be written ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); name another file that is not the input.");
        }
    }

    /// <summary>Progress can be shown for a file only: a pipe has no length.</summary>
    private static async Task RunAsync(InfillRunner runner, Stream source, Stream target, CancellationToken cancellation)
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
                ProgressTask task = context.AddTask("infill", maxValue: source.CanSeek ? Math.Max(1, source.Length) : 1);
                task.IsIndeterminate = !source.CanSeek;
                await runner.RunAsync(source, target, () => Advance(task, runner), cancellation).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static void Advance(ProgressTask task, InfillRunner runner)
    {
        task.Description = $"infill, {runner.Lines} lines";
        if (!task.IsIndeterminate) task.Value = runner.BytesRead;
    }
}
