using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>Runs one part as a process of its own, so that a crash, or an error that libtorch does not survive, ends that part alone.</summary>
internal static class SessionRunner
{
    private const int MostText = 1 << 20; // characters kept of what a part prints: a session's record stays small

    public static PartResult Run(SessionPart part, PythonLibtorch libtorch)
    {
        if (part.Missing is { } why) return new PartResult(part.Name, Ok: true, 0, $"left out: {why}", "", null);
        var clock = Stopwatch.StartNew();
        try
        {
            (int? code, string text, string error) = Output(part, libtorch);
            string? numbers = part.Numbers is { } file && File.Exists(file) ? File.ReadAllText(file) : null;
            double seconds = clock.Elapsed.TotalSeconds;
            if (code is null) return new PartResult(part.Name, Ok: false, seconds, $"stopped after {part.LimitSeconds} s", Kept(text, error), numbers);
            if (code != 0) return new PartResult(part.Name, Ok: false, seconds, $"exit code {code}: {LastLine(error) ?? LastLine(text) ?? "it said nothing"}", Kept(text, error), numbers);
            return new PartResult(part.Name, Ok: true, seconds, part.Line(text, numbers), Kept(text, ""), numbers);
        }
        catch (Exception e) when (e is Win32Exception or IOException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new PartResult(part.Name, Ok: false, clock.Elapsed.TotalSeconds, e.Message.ReplaceLineEndings(" "), "", null);
        }
    }

    /// <returns>The exit code, null if it was stopped; and what it printed.</returns>
    private static (int? Code, string Text, string Error) Output(SessionPart part, PythonLibtorch libtorch)
    {
        (string program, IReadOnlyList<string> arguments) = part.Program is null ? Itself(part.Arguments) : (part.Program, part.Arguments);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (libtorch.Folder is { } folder) start.Environment[NativeBackend.LibtorchFolderVariable] = folder;
        using var process = new Process { StartInfo = start };
        var (text, error) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => Append(text, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(TimeSpan.FromSeconds(part.LimitSeconds)))
        {
            process.WaitForExit(); // until both streams are read to their ends
            return (process.ExitCode, text.ToString(), error.ToString());
        }
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return (null, text.ToString(), error.ToString());
    }

    /// <summary>This program again: its executable, or dotnet with its assembly where a test host runs it.</summary>
    private static (string, IReadOnlyList<string>) Itself(IReadOnlyList<string> arguments)
    {
        string name = typeof(SessionRunner).Assembly.GetName().Name!, executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? name + ".exe" : name);
        return File.Exists(executable) ? (executable, arguments) : ("dotnet", [Path.Combine(AppContext.BaseDirectory, name + ".dll"), .. arguments]);
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) if (text.Length < MostText) text.Append(line).Append('\n');
    }

    private static string Kept(string text, string error) => error.Length == 0 ? text : $"{text}{error}";

    private static string? LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
}

/// <summary>What became of a part.</summary>
/// <param name="Line">The result, or the reason of the failure, in one line.</param>
/// <param name="Text">What it printed.</param>
/// <param name="Numbers">Its numbers as JSON, one value or one a line; null: none.</param>
internal sealed record PartResult(string Part, bool Ok, double Seconds, string Line, string Text, string? Numbers)
{
    /// <summary>The line that the session prints.</summary>
    [JsonIgnore]
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{Part,-9} {Seconds,6:0.0} s  {(Ok ? "" : "FAILED: ")}{Line}");
}
