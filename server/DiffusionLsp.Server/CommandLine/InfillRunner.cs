using System.Buffers;
using System.IO.Pipelines;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using Serilog;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Runs the lines of a stream through an engine, one after the other and in their order; each answer is written before
/// the next line is read. A bad line costs an error line, never the run. It knows nothing of options or terminals.
/// </summary>
internal sealed class InfillRunner(ICompletionEngine engine, DecodeOptions options, ILogger log)
{
    /// <summary>Lines answered so far, bad ones included.</summary>
    public int Lines { get; private set; }

    /// <summary>Lines answered with an error.</summary>
    public int Errors { get; private set; }

    /// <param name="answered">Called after each line.</param>
    public async Task RunAsync(Stream input, Stream output, Action answered, CancellationToken cancellation)
    {
        await foreach (byte[] line in ReadLinesAsync(input, cancellation).ConfigureAwait(false))
        {
            if (line.AsSpan().Trim(" \t\r"u8).IsEmpty) continue;
            await output.WriteAsync(await AnswerAsync(line, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            await output.FlushAsync(cancellation).ConfigureAwait(false);
            Lines++;
            answered();
        }
    }

    private async Task<byte[]> AnswerAsync(byte[] line, CancellationToken cancellation)
    {
        InfillLine? request = null;
        try
        {
            request = InfillLine.Parse(line);
            DecodeOptions decode = request.MaxTokens is { } most ? options with { Length = most } : options;
            return InfillLine.Answer(request.Id, await engine.InfillAsync(request.Request, decode, cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Errors++;
            if (e is InfillLineException bad) return InfillLine.Error(bad.Id, bad.Message);
            FailureText.Log(log, e, "infill failed on a line");
            return InfillLine.Error(request?.Id, FailureText.Sentence(e));
        }
    }

    /// <summary>The bytes of each line, so that text that is not UTF-8 is found where JSON is parsed.</summary>
    private static async IAsyncEnumerable<byte[]> ReadLinesAsync(
        Stream input, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        PipeReader reader = PipeReader.Create(input);
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                yield return rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            if (read.IsCompleted)
            {
                if (!rest.IsEmpty) yield return rest.ToArray();
                yield break;
            }
            reader.AdvanceTo(rest.Start, rest.End);
        }
    }
}
