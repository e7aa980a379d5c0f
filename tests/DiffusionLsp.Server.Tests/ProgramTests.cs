using System.Diagnostics;

namespace DiffusionLsp.Server.Tests;

/// <summary>The program itself, run with unusual disks, folders and limits.</summary>
[Trait("tier", "slow")]
public sealed class ProgramTests : IDisposable
{
    private const string Completed = "return ├a + b┤";
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "diffusion-lsp.exe" : "diffusion-lsp");
    private readonly TemporaryFolder folder = new();
    private readonly string code, file, empty;

    public ProgramTests()
    {
        folder.Write("add.py", "def add(a, b):\n    return \n");
        folder.Write("file", "");
        code = Path.Combine(folder.Path, "add.py") + ":2:12";
        file = Path.Combine(folder.Path, "file");
        empty = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName;
    }

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string?, string?, string?> Homes => new()
    {
        // name, HOME, XDG_CACHE_HOME, XDG_DATA_HOME; FILE is a file where a folder should be
        { "nobody can write there", "/proc/1", null, null },
        { "a file", "FILE", null, null },
        { "empty", "", "", "" },
        { "unset", null, null, null },
        { "relative", "home", "cache", "data" },
        { "missing", "/nonexistent/home", "FILE", "FILE" },
    };

    [LinuxTheory, MemberData(nameof(Homes))]
    public async Task A_completion_needs_no_home(string name, string? home, string? cache, string? data)
    {
        Result result = await RunAsync(["complete", code], start =>
        {
            start.WorkingDirectory = empty;
            foreach ((string variable, string? value) in new[] { ("HOME", home), ("XDG_CACHE_HOME", cache), ("XDG_DATA_HOME", data) })
            {
                start.Environment.Remove(variable);
                if (value is not null) start.Environment[variable] = value == "FILE" ? file : value;
            }
        });
        Assert.True(result is { Code: 0, Error: "" } && result.Output.Contains(Completed), $"{name}: {result}");
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty)); // nothing was put where the command was run
    }

    [LinuxTheory]
    [InlineData("full")]
    [InlineData("fifo")]
    [InlineData("folder")]
    public async Task A_log_that_takes_nothing_costs_nothing_but_the_line(string kind)
    {
        await SpoilLogAsync(kind);
        Result completed = await RunAsync(["complete", code], WithCache);
        Assert.True(completed is { Code: 0, Error: "" } && completed.Output.Contains(Completed), $"{completed}");
        string page = Path.Combine(folder.Path, "page.html");
        Result traced = await RunAsync(["trace", code, "--html", page], WithCache);
        Assert.True(traced is { Code: 0, Error: "" } && File.ReadAllText(page).Contains("</html>"), $"{traced}");
    }

    [LinuxFact]
    public async Task The_doctor_says_that_log_and_metrics_cannot_be_written()
    {
        await SpoilLogAsync("full");
        Result result = await RunAsync(["doctor"], start =>
        {
            WithCache(start);
            start.Environment["XDG_DATA_HOME"] = file;
        });
        Assert.Equal(1, result.Code);
        Assert.Matches(@"(?m)^PROBLEM logs .*/cache/diffusion-lsp/logs.*No space left on device.*XDG_CACHE_HOME", result.Output);
        Assert.Matches(@"(?m)^PROBLEM metrics .*/file/diffusion-lsp .*XDG_DATA_HOME", result.Output);
        Assert.Matches(@"(?m)^ok +completion ", result.Output);
    }

    [LinuxTheory]
    [InlineData("full")]
    [InlineData("fifo")]
    public async Task A_server_answers_and_ends_in_order_without_log_and_metrics(string kind)
    {
        await SpoilLogAsync(kind);
        string[] messages =
        [
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}""",
            """{"jsonrpc":"2.0","method":"initialized","params":{}}""",
            """{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///w/a.py","languageId":"python","version":1,"text":"def add(a, b):\n    return \n"}}}""",
            """{"jsonrpc":"2.0","id":2,"method":"textDocument/inlineCompletion","params":{"textDocument":{"uri":"file:///w/a.py"},"position":{"line":1,"character":11},"context":{"triggerKind":1}}}""",
            """{"jsonrpc":"2.0","id":3,"method":"shutdown"}""",
            """{"jsonrpc":"2.0","method":"exit"}""",
        ];
        Result result = await RunAsync(["lsp"], start =>
        {
            WithCache(start);
            start.Environment["XDG_DATA_HOME"] = file;
        }, string.Concat(messages.Select(m => $"Content-Length: {m.Length}\r\n\r\n{m}")));
        Assert.Equal(0, result.Code);
        Assert.Contains("\"id\":3,\"result\":null", result.Output);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [LinuxFact]
    public async Task A_standard_output_that_takes_nothing_is_one_sentence()
    {
        Assert.Equal(new Result(1, "", "A file could not be used (No space left on device); check that it exists, that you have permission to use it, and that its disk has free space.\n"),
            await ShellAsync($"exec '{Program}' complete '{code}' > /dev/full"));
    }

    [LinuxFact]
    public async Task A_working_folder_that_is_gone_does_not_matter()
    {
        Result result = await ShellAsync($"cd '{empty}' && rmdir '{empty}' && exec '{Program}' complete '{code}'");
        Assert.True(result is { Code: 0, Error: "" } && result.Output.Contains(Completed), $"{result}");
    }

    [LinuxTheory]
    [InlineData(28)]
    [InlineData(32)]
    [InlineData(64)]
    public async Task Too_few_open_files_are_one_sentence(int limit)
    {
        Result result = await ShellAsync($"ulimit -n {limit}; exec '{Program}' complete '{code}'");
        Assert.Equal(new Result(1, "", $"The limit on open files is {limit}, but DiffusionLsp needs 160; raise it, for example with ulimit -n 1024.\n"), result);
    }

    [Fact]
    public async Task A_tilde_that_the_shell_leaves_is_the_home_folder()
    {
        Result result = await RunAsync(["model", "inspect", "~/none"], start => start.Environment["HOME"] = folder.Path);
        Assert.Equal(1, result.Code);
        if (!OperatingSystem.IsWindows()) Assert.Contains($"'{Path.Combine(folder.Path, "none")}'", result.Error);
        Assert.DoesNotContain("~", result.Error);
    }

    [LinuxTheory]
    [InlineData("/dev/zero")]
    [InlineData("/tmp")]
    public async Task What_is_no_file_is_one_sentence(string path)
    {
        Result result = await RunAsync(["complete", path + ":1:1"], _ => { });
        Assert.True(result is { Code: 1, Output: "" } && result.Error.StartsWith($"'{path}' cannot be read (it is ", StringComparison.Ordinal), $"{result}");
    }

    private async Task SpoilLogAsync(string kind)
    {
        string logs = Directory.CreateDirectory(Path.Combine(folder.Path, "cache", "diffusion-lsp", "logs")).FullName;
        foreach (int days in new[] { 0, 1 }) // the day may end
        {
            string log = Path.Combine(logs, $"diffusion-lsp-{DateTime.Now.AddDays(days):yyyyMMdd}.log");
            if (kind == "full") File.CreateSymbolicLink(log, "/dev/full");
            else if (kind == "folder") Directory.CreateDirectory(log);
            else
            {
                using var made = Process.Start("mkfifo", log);
                await made.WaitForExitAsync();
            }
        }
    }

    private void WithCache(ProcessStartInfo start) => start.Environment["XDG_CACHE_HOME"] = Path.Combine(folder.Path, "cache");

    [UnixTheory]
    [InlineData("complete")]
    [InlineData("--version")]
    public async Task Nothing_is_left_among_temporary_files(string verb)
    {
        Result result = await RunAsync(verb == "complete" ? [verb, code] : [verb], start => start.Environment["TMPDIR"] = empty);
        Assert.Equal(0, result.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty));
    }

    private Task<Result> ShellAsync(string script) => RunAsync(new ProcessStartInfo("/bin/sh", ["-c", script]), _ => { });

    private Task<Result> RunAsync(string[] arguments, Action<ProcessStartInfo> prepare, string input = "") => RunAsync(new ProcessStartInfo(Program, arguments), prepare, input);

    private async Task<Result> RunAsync(ProcessStartInfo start, Action<ProcessStartInfo> prepare, string input = "")
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["XDG_CACHE_HOME"] = start.Environment["XDG_DATA_HOME"] = Path.Combine(folder.Path, "own");
        prepare(start);
        using Process process = Process.Start(start)!;
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync(hang.Token);
            Task<string> output = process.StandardOutput.ReadToEndAsync(hang.Token), error = process.StandardError.ReadToEndAsync(hang.Token);
            await process.WaitForExitAsync(hang.Token);
            return new Result(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private sealed record Result(int Code, string Output, string Error);
}
