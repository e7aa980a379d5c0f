namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// A pattern's tree compiled to instructions of a nondeterministic machine that is in several places at once, in order of preference.
/// It knows no text.
/// </summary>
internal sealed class PatternProgram
{
    private const int MostInstructions = 2000;

    private readonly List<PatternInstruction> instructions = [new PatternInstruction(PatternAction.Match, 0, [])];

    private PatternProgram(PatternNode root) => Start = Emit(root, next: 0);

    /// <summary>Index of the first instruction to run.</summary>
    public int Start { get; }

    /// <summary>The instructions; the first one is the match.</summary>
    public IReadOnlyList<PatternInstruction> Instructions => instructions;

    /// <exception cref="InvalidDataException">There are too many instructions; the message is a clause.</exception>
    public static PatternProgram Of(PatternNode root) => new(root);

    /// <returns>Index where the node's instructions begin; they continue at <paramref name="next"/>.</returns>
    private int Emit(PatternNode node, int next) => node switch
    {
        SetNode set => Add(PatternAction.Take, set.Number, next),
        LookNode look => Add(look.Wanted ? PatternAction.RequireNext : PatternAction.RefuseNext, look.Number, next),
        SequenceNode sequence => sequence.Parts.Reverse().Aggregate(next, (after, part) => Emit(part, after)),
        ChoiceNode choice => Add(PatternAction.Fork, 0, [.. choice.Ways.Select(way => Emit(way, next))]),
        RepeatNode repeat => Emit(repeat, next),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private int Emit(RepeatNode repeat, int next)
    {
        // Possessive means: what follows may begin only where the repetition cannot continue.
        int exit = repeat.Kind is RepeatKind.Possessive ? Add(PatternAction.RefuseNext, ((SetNode)repeat.Body).Number, next) : next;
        int after = next;
        if (repeat.Most is { } most)
        {
            for (int left = most - repeat.Least; left > 0; left--) after = Fork(repeat.Kind, Emit(repeat.Body, after), exit);
        }
        else
        {
            after = Add(PatternAction.Fork, 0);
            int body = Emit(repeat.Body, after);
            instructions[after] = instructions[after] with { Next = Ways(repeat.Kind, body, exit) };
        }
        for (int i = 0; i < repeat.Least; i++) after = Emit(repeat.Body, after);
        return after;
    }

    private int Fork(RepeatKind kind, int body, int exit) => Add(PatternAction.Fork, 0, Ways(kind, body, exit));

    private static int[] Ways(RepeatKind kind, int body, int exit) => kind is RepeatKind.Lazy ? [exit, body] : [body, exit];

    private int Add(PatternAction action, int set, params int[] next)
    {
        if (instructions.Count == MostInstructions) throw new InvalidDataException("is too large once its counted repetitions are expanded");
        instructions.Add(new PatternInstruction(action, set, next));
        return instructions.Count - 1;
    }
}

/// <summary>One instruction.</summary>
/// <param name="Set">The set to test, if the action tests one.</param>
/// <param name="Next">Where to continue, in order of preference.</param>
internal readonly record struct PatternInstruction(PatternAction Action, int Set, int[] Next);

/// <summary>What an instruction does.</summary>
internal enum PatternAction
{
    /// <summary>The pattern is complete.</summary>
    Match,
    /// <summary>Consumes one character of a set.</summary>
    Take,
    /// <summary>Continues in several places.</summary>
    Fork,
    /// <summary>Continues if the next character is in a set.</summary>
    RequireNext,
    /// <summary>Continues if the next character is not in a set, or the text ends.</summary>
    RefuseNext,
}
