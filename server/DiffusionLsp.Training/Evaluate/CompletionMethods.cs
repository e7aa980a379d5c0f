using System.Diagnostics;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>Something that fills holes and is measured. It never sees the truth.</summary>
internal interface ICompletionMethod
{
    /// <summary>As in the table.</summary>
    string Name { get; }

    MethodResult Complete(EvaluationCase hole);
}

/// <summary>What a method wrote, and what it cost.</summary>
/// <param name="Milliseconds">From request to text.</param>
/// <param name="Cold">Whether the prompt had to be read; a method that comes second to the same case finds it in the cache.</param>
/// <param name="Forwards">Forward passes; 0 for methods without a network.</param>
/// <param name="Tokens">Tokens written.</param>
internal readonly record struct MethodResult(string Completion, double Milliseconds, bool Cold, int Forwards, int Tokens);

/// <summary>
/// Where every method stops, as an editor would cut it: behind the lines that its task has at most, and where it has
/// begun to write the text after the hole.
/// </summary>
internal static class MethodStops
{
    /// <summary>How many tokens of the text after the hole are its beginning.</summary>
    public const int ClosingTokens = 4;

    /// <param name="lines">Most lines; null: as many as were written.</param>
    public static string Cut(string completion, EvaluationCase hole, CodeTokenizer tokenizer, int? lines)
    {
        if (hole.Hole.Kind is HoleKind.Span) return WithoutRest(completion, hole);
        int[] written = tokenizer.Encode(lines is { } most ? string.Join('\n', completion.Split('\n').Take(most)) : completion);
        int[] closing = [.. tokenizer.Encode(hole.Suffix).Take(ClosingTokens)];
        for (int at = 1; closing.Length > 0 && at + closing.Length <= written.Length; at++)
            if (written.AsSpan(at, closing.Length).SequenceEqual(closing)) return tokenizer.Decode(written[..at]);
        return tokenizer.Decode(written);
    }

    /// <summary>Inside a line: without the beginning of what the line goes on with.</summary>
    private static string WithoutRest(string completion, EvaluationCase hole)
    {
        string rest = hole.Text[hole.Hole.End..HoleCutter.LineEnd(hole.Text, hole.Hole.End)];
        int repeated = Enumerable.Range(0, rest.Length + 1).Last(n => completion.EndsWith(rest[..n], StringComparison.Ordinal));
        return completion[..^repeated];
    }
}

/// <summary>The engine with given options.</summary>
/// <param name="workspace">Whether it has the other files of the package, as in an editor.</param>
/// <param name="refill">Whether the model has to find the end of the hole, as where a selection is refilled; else a rule ends it, as in completions.</param>
internal sealed class EngineMethod(string name, InfillEngine engine, CodeTokenizer tokenizer, DecodeOptions options, bool workspace, bool refill) : ICompletionMethod
{
    public string Name => name;

    public MethodResult Complete(EvaluationCase hole)
    {
        InfillRequest request = refill ? hole.Request with { SingleLine = hole.Hole.Kind is HoleKind.Span, UsesFimMiddle = true } : hole.Request;
        // A session of its own: no method finds what another one wrote.
        request = request with { Session = Name, Workspace = workspace && request.SingleLine ? hole.Neighbours?.IndexOf(hole) : null };
        DecodeOptions limited = options with { Length = EvaluationTasks.MaxTokens(hole.Hole.Kind) };
        InfillResult result = engine.InfillAsync(request, limited, CancellationToken.None).GetAwaiter().GetResult();
        // Two cases of one package may share a few tokens of path; that is no cached prompt.
        bool cold = result.CachedPromptTokens * 4 < result.PromptTokens;
        return new MethodResult(MethodStops.Cut(result.Completion, hole, tokenizer, refill ? null : EvaluationTasks.MaxLines(hole.Hole.Kind)), result.Timings.Total, cold, result.Forwards, result.Tokens);
    }
}

/// <summary>
/// The control that copies from the file. It sees the whole file, not only the model's context, knows how many lines
/// a task has at most, and stops there or where it has begun to write the text after the hole.
/// </summary>
internal sealed class FileNgramMethod(CodeTokenizer tokenizer) : ICompletionMethod
{
    public string Name => "n-gram of the file";

    public MethodResult Complete(EvaluationCase hole)
    {
        var clock = Stopwatch.StartNew();
        var model = new FileNgramModel(tokenizer.Encode(hole.Prefix), tokenizer.Encode(hole.Suffix));
        int lines = EvaluationTasks.MaxLines(hole.Hole.Kind), breaks = 0;
        bool EndsLastLine(int id) => (breaks += tokenizer.BytesOf(id).Count((byte)'\n')) >= lines;
        int[] ids = model.Continue(EvaluationTasks.MaxTokens(hole.Hole.Kind), EndsLastLine, MethodStops.ClosingTokens);
        string text = string.Join('\n', tokenizer.Decode(ids).Split('\n').Take(lines)).TrimEnd('\r');
        return new MethodResult(text, clock.Elapsed.TotalMilliseconds, true, 0, ids.Length);
    }
}
