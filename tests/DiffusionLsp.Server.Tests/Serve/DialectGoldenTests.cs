using System.Runtime.CompilerServices;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Serve;
using DiffusionLsp.Server.Serve.Dialects;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>
/// What each dialect reads and writes, compared with files, without a socket. The first line of a file is a path, the second a body; the rest
/// is the parsed request and the response, whole and streamed. UPDATE_GOLDEN=1 rewrites the rest.
/// </summary>
public sealed class DialectGoldenTests
{
    private static readonly JsonSerializerOptions Shown = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder(), "*.txt").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_dialect_reads_and_writes_as_its_file_says(string file)
    {
        string path = Path.Combine(Folder(), file);
        string[] lines = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        string expected = $"{lines[0]}\n{lines[1]}\n{Course(lines[0], lines[1])}";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Every_path_has_a_file() =>
        Assert.Empty(DialectTable.All.Select(d => d.Paths[0]).Except(Directory.EnumerateFiles(Folder(), "*.txt").Select(file => File.ReadLines(file).First())));

    private static string Course(string path, string body)
    {
        IDialect dialect = DialectTable.All.Single(d => d.Paths.Contains(path));
        try
        {
            ServeRequest request = dialect.Read(new RequestFields(JsonElement.Parse(body)));
            var decode = new InfillResult
            {
                Completion = "a + \"b\"", StopReason = StopReason.EndOfLine, Forwards = 3, Tokens = 7, PromptTokens = 300, CachedPromptTokens = 280, Timings = new InfillTimings(0.25, 1.5, 3.5),
            };
            var answer = new ServeAnswer("a + \"b\"", decode, "0", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000)) { ContextTokens = 512 };
            return $"""
                -- understood
                {JsonSerializer.Serialize(request, Shown)}
                -- whole
                {DialectTable.Line(dialect.Write(request, answer))}
                -- streamed as {dialect.StreamType}
                {string.Concat(dialect.Stream(request, answer))}
                """.ReplaceLineEndings("\n");
        }
        catch (ServeError error)
        {
            return $"-- refused\n{error.Status} {DialectTable.Line(dialect.Refuse(error))}\n";
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
