using System.Diagnostics;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>A method to evaluate: it fills holes and never sees the original text.</summary>
internal interface ICompletionMethod
{
    /// <summary>Name in the table.</summary>
    string Name { get; }

    MethodResult Complete(EvaluationCase hole);
}

/// <summary>A method's completion, and its cost.</summary>
/// <param name="Milliseconds">From request to text.</param>
/// <param name="Cold">Whether the prompt had to be processed; a method that runs second on a case finds it in the cache.</param>
/// <param name="Forwards">Number of forwards; 0 for methods without a network.</param>
/// <param name="Tokens">Number of generated tokens.</param>
internal readonly record struct MethodResult(string Completion, double Milliseconds, bool Cold, int Forwards, int Tokens);

/// <summary>
/// Truncates every method's completion as an editor would: after the task's maximum number of lines, and where it begins to repeat the
/// text after the hole.
/// </summary>
internal static class MethodStops
{
    /// <summary>How many tokens of the text after the hole count as its beginning.</summary>
    public const int ClosingTokens = 4;

    /// <param name="lines">Maximum number of lines; null: no limit.</param>
    public static string Cut(string completion, EvaluationCase hole, CodeTokenizer tokenizer, int? lines)
    {
        if (hole.Hole.Kind is HoleKind.Span) return WithoutRest(completion, hole);
        int[] written = tokenizer.Encode(lines is { } most ? string.Join('\n', completion.Split('\n').Take(most)) : completion);
        int[] closing = [.. tokenizer.Encode(hole.Suffix).Take(ClosingTokens)];
        for (int at = 1; closing.Length > 0 && at + closing.Length <= written.Length; at++)
            if (written.AsSpan(at, closing.Length).SequenceEqual(closing)) return tokenizer.Decode(written[..at]);
        return tokenizer.Decode(written);
    }

    /// <summary>For a hole inside a line, removes the beginning of the line's remainder.</summary>
    private static string WithoutRest(string completion, EvaluationCase hole)
    {
        string rest = hole.Text[hole.Hole.End..HoleCutter.LineEnd(hole.Text, hole.Hole.End)];
        int repeated = Enumerable.Range(0, rest.Length + 1).Last(n => completion.EndsWith(rest[..n], StringComparison.Ordinal));
        return completion[..^repeated];
    }
}

/// <summary>The engine with some options.</summary>
/// <param name="workspace">Whether it gets the package's other files, as in an editor.</param>
/// <param name="refill">Whether the model must find the end of the hole, as when a selection is rewritten; else a rule ends it, as for completions.</param>
internal sealed class EngineMethod(string name, InfillEngine engine, CodeTokenizer tokenizer, DecodeOptions options, bool workspace, bool refill) : ICompletionMethod
{
    public string Name => name;

    public MethodResult Complete(EvaluationCase hole)
    {
        InfillRequest request = refill ? hole.Request with { SingleLine = hole.Hole.Kind is HoleKind.Span, UsesFimMiddle = true } : hole.Request;
        // A session of its own, so that no method finds another one's completions.
        request = request with { Session = Name, Workspace = workspace && request.SingleLine ? hole.Neighbours?.IndexOf(hole) : null };
        DecodeOptions limited = options with { Length = EvaluationTasks.MaxTokens(hole.Hole.Kind) };
        InfillResult result = engine.InfillAsync(request, limited, CancellationToken.None).GetAwaiter().GetResult();
        // Two cases of a package may share a few path tokens, which do not count as a cached prompt.
        bool cold = result.CachedPromptTokens * 4 < result.PromptTokens;
        return new MethodResult(MethodStops.Cut(result.Completion, hole, tokenizer, refill ? null : EvaluationTasks.MaxLines(hole.Hole.Kind)), result.Timings.Total, cold, result.Forwards, result.Tokens);
    }
}

/// <summary>
/// The control that copies from the file. It sees the whole file instead of only the model's context, knows the task's maximum number
/// of lines, and stops there or where it begins to repeat the text after the hole.
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
