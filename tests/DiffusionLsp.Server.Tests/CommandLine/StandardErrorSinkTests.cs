using System.IO.Pipes;
using System.Text;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Protocol;
using Serilog;
using Serilog.Formatting.Display;

namespace DiffusionLsp.Server.Tests.CommandLine;

public class StandardErrorSinkTests
{
    [UnixFact] // Windows cannot tell whether a pipe accepts more
    public async Task Lines_that_nobody_reads_are_dropped_and_counted_and_never_waited_for()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        int descriptor = (int)pipe.SafePipeHandle.DangerousGetHandle();
        var sink = new StandardErrorSink(new MessageTemplateTextFormatter("{Message:l}\n"), new StandardStream(Stream.Null, descriptor), descriptor);
        await using var log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        const int lines = 2000;
        await Task.Run(() => // hangs if a line waits
        {
            for (int i = 0; i < lines; i++) log.Information("{Line:l}", $"line {i} {new string('x', 200)}");
        }).WaitAsync(TimeSpan.FromSeconds(30));

        string read = await SomeAsync(reader, 1 << 15); // half of what the pipe holds
        log.Information("seen again");
        pipe.Dispose();
        read += await new StreamReader(reader).ReadToEndAsync();
        int whole = read.Split('\n').Count(line => line.StartsWith("line ") && line.EndsWith("xxx") && line.Length > 200);
        Assert.Matches($@"\({lines - whole} log lines were dropped because standard error was not read\)\r?\nseen again\n$", read);
    }

    /// <summary>Reads at least this many characters.</summary>
    private static async Task<string> SomeAsync(Stream reader, int least)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1 << 17];
        while (text.Length < least) text.Append(Encoding.UTF8.GetString(buffer, 0, await reader.ReadAsync(buffer)));
        return text.ToString();
    }
}
