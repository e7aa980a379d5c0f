namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// A pattern's tree as instructions of a machine that is in several places at once, the more wanted ones first. It knows no
/// text.
/// </summary>
internal sealed class PatternProgram
{
    private const int MostInstructions = 2000;

    private readonly List<PatternInstruction> instructions = [new PatternInstruction(PatternAction.Match, 0, [])];

    private PatternProgram(PatternNode root) => Start = Emit(root, next: 0);

    /// <summary>Where it begins.</summary>
    public int Start { get; }

    /// <summary>The instructions; the first one is the match.</summary>
    public IReadOnlyList<PatternInstruction> Instructions => instructions;

    /// <exception cref="InvalidDataException">There are too many; the message is a clause.</exception>
    public static PatternProgram Of(PatternNode root) => new(root);

    /// <returns>Where the node's instructions begin; they go on at <paramref name="next"/>.</returns>
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
        // What is not given back is what goes on only where the repetition cannot.
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
        if (instructions.Count == MostInstructions) throw new InvalidDataException("is too large, its counted repetitions written out");
        instructions.Add(new PatternInstruction(action, set, next));
        return instructions.Count - 1;
    }
}

/// <summary>One instruction.</summary>
/// <param name="Set">The set that it asks for, where it asks.</param>
/// <param name="Next">Where it goes on, the more wanted way first.</param>
internal readonly record struct PatternInstruction(PatternAction Action, int Set, int[] Next);

/// <summary>What an instruction does.</summary>
internal enum PatternAction
{
    /// <summary>The pattern is complete.</summary>
    Match,
    /// <summary>Takes one character of a set.</summary>
    Take,
    /// <summary>Goes on in several places.</summary>
    Fork,
    /// <summary>Goes on if the next character is of a set.</summary>
    RequireNext,
    /// <summary>Goes on if the next character is not of a set, or there is none.</summary>
    RefuseNext,
}
