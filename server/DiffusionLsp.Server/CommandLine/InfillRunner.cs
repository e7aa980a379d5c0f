using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using Serilog;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Runs the lines of a stream through an engine in order; each answer is written before the next line is read. An invalid line
/// gets an error line and does not end the run. It knows nothing of options or terminals.
/// </summary>
internal sealed class InfillRunner(ICompletionEngine engine, DecodeOptions options, ILogger log)
{
    private const int MostLineBytes = 256 << 20;

    private LineReader? reader;

    /// <summary>Lines answered so far, including invalid ones.</summary>
    public int Lines { get; private set; }

    /// <summary>Lines answered with an error.</summary>
    public int Errors { get; private set; }

    /// <summary>Bytes of input read so far.</summary>
    public long BytesRead => reader?.BytesRead ?? 0;

    /// <param name="answered">Called after each line.</param>
    /// <exception cref="UserException">The answers cannot be written.</exception>
    public async Task RunAsync(Stream input, Stream output, Action answered, CancellationToken cancellation)
    {
        reader = new LineReader(input, MostLineBytes);
        await foreach (InputLine line in reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            // Read as bytes, so that the JSON parser detects invalid UTF-8.
            if (!line.IsTooLong && line.Bytes.Span.Trim(" \t\r"u8).IsEmpty) continue;
            await WriteAsync(output, await AnswerAsync(line, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            Lines++;
            answered();
        }
    }

    private async Task WriteAsync(Stream output, byte[] answer, CancellationToken cancellation)
    {
        try
        {
            await output.WriteAsync(answer, cancellation).ConfigureAwait(false);
            await output.FlushAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new UserException($"The answers could not be written ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); {Lines} lines were answered, the rest of the input was not.");
        }
    }

    private async Task<byte[]> AnswerAsync(InputLine line, CancellationToken cancellation)
    {
        InfillLine? request = null;
        try
        {
            if (line.IsTooLong) throw new InfillLineException(null, $"The line is longer than {MostLineBytes >> 20} MiB.");
            request = InfillLine.Parse(line.Bytes);
            DecodeOptions decode = request.MaxTokens is { } most ? options with { Length = most } : options;
            InfillRequest hole = request.Request with { Workspace = engine.Index(request.Related) };
            return InfillLine.Answer(request.Id, await engine.InfillAsync(hole, decode, cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Errors++;
            if (e is InfillLineException bad) return InfillLine.Error(bad.Id, bad.Message);
            FailureText.Log(log, e, "infill failed on a line");
            return InfillLine.Error(request?.Id, FailureText.Sentence(e));
        }
    }
}
