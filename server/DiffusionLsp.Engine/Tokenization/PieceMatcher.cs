using System.Collections.Concurrent;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Finds the piece that a pre-tokenizer's pattern cuts off at a place of a text, with the same result as a backtracking regular
/// expression, but in one pass: a deterministic automaton, made when the pattern is read. It knows no vocabulary.
/// </summary>
/// <remarks>
/// A state is the list of places that the pattern may have reached, the more wanted first; places behind a match are not wanted any
/// more. What looks at the next character waits in the list until that is known, so a match is seen one character late.
/// </remarks>
internal sealed class PieceMatcher
{
    /// <summary>
    /// No piece is longer; what goes on behind is the next one's. It bounds the time for each place of a text, and the tokenizer
    /// cuts longer words anyway.
    /// </summary>
    public const int LongestPiece = 1024;

    private const int MostStates = 1000;
    private const int MostKept = 16;
    private static readonly ConcurrentDictionary<string, PieceMatcher> Kept = new(StringComparer.Ordinal);

    private readonly byte[] classes; // of UTF-16 units
    private readonly int[] table; // (states, classes and the end of the text): twice the next state, and 1 if the pattern is complete before the character
    private readonly int columns;

    private PieceMatcher(string pattern)
    {
        (PatternNode root, IReadOnlyList<(string, bool)> sets) = PatternReader.Read(pattern);
        var kinds = new CharacterClasses(sets);
        (classes, columns) = (kinds.Of, kinds.Count + 1);
        table = Table(new Step(PatternProgram.Of(root), kinds));
    }

    /// <summary>The matcher of a pattern; the last few are kept.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or needs backtracking; the message is a clause that goes on from "a pattern that".</exception>
    public static PieceMatcher Of(string pattern)
    {
        if (Kept.TryGetValue(pattern, out PieceMatcher? known)) return known;
        var made = new PieceMatcher(pattern);
        if (Kept.Count >= MostKept) Kept.Clear();
        return Kept[pattern] = made;
    }

    /// <summary>Length of the piece that begins at a place; 0: none does.</summary>
    public int Match(ReadOnlySpan<char> text, int start)
    {
        int state = 0, length = 0, limit = Math.Min(text.Length - start, LongestPiece), width = columns;
        int[] next = table;
        byte[] kinds = classes;
        for (int at = 0; at <= limit; at++)
        {
            int kind = start + at < text.Length ? kinds[text[start + at]] : width - 1;
            int entry = next[state * width + kind];
            if ((entry & 1) != 0) length = at;
            if (entry < 2) break;
            state = (entry >> 1) - 1;
        }
        // Half of a surrogate pair has no bytes of its own.
        return length == LongestPiece && char.IsHighSurrogate(text[start + length - 1]) ? length - 1 : length;
    }

    private int[] Table(Step step)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var states = new List<string>();
        var cells = new List<int>();
        int Number(string state)
        {
            if (numbers.TryGetValue(state, out int known)) return known;
            if (states.Count == MostStates) throw new InvalidDataException($"has more than {MostStates} states, too many to match in linear time");
            states.Add(state);
            return numbers[state] = states.Count - 1;
        }
        Number(step.Start());
        for (int state = 0; state < states.Count; state++)
        {
            for (int kind = 0; kind < columns; kind++)
            {
                string reached = step.From(states[state], kind, out bool isMatch);
                cells.Add((reached.Length == 0 ? 0 : (Number(reached) + 1) << 1) | (isMatch ? 1 : 0));
            }
        }
        return [.. cells];
    }

    /// <summary>The machine's moves. A state is written as a string of its instructions' numbers.</summary>
    private sealed class Step(PatternProgram program, CharacterClasses classes)
    {
        private readonly List<int> resolved = [], reached = [];
        private readonly HashSet<int> seen = [];

        public string Start()
        {
            reached.Clear();
            seen.Clear();
            Follow(program.Start, null, reached);
            return Text(reached);
        }

        /// <param name="kind">Class of the next character; the number of classes: the text ends.</param>
        /// <param name="isMatch">Whether the pattern is complete before it.</param>
        public string From(string state, int kind, out bool isMatch)
        {
            resolved.Clear();
            seen.Clear();
            foreach (char place in state) Follow(place, kind, resolved);
            reached.Clear();
            seen.Clear();
            isMatch = false;
            foreach (int place in resolved)
            {
                PatternInstruction instruction = program.Instructions[place];
                isMatch = instruction.Action is PatternAction.Match;
                if (isMatch) break;
                if (Holds(instruction.Set, kind)) Follow(instruction.Next[0], null, reached);
            }
            return Text(reached);
        }

        /// <summary>Adds the places that are reached without taking a character.</summary>
        /// <param name="kind">Class of the next character; null: not known yet.</param>
        private void Follow(int place, int? kind, List<int> places)
        {
            if (!seen.Add(place)) return;
            PatternInstruction instruction = program.Instructions[place];
            bool isLook = instruction.Action is PatternAction.RequireNext or PatternAction.RefuseNext;
            if (isLook && kind is { } known)
            {
                if (Holds(instruction.Set, known) == (instruction.Action is PatternAction.RequireNext)) Follow(instruction.Next[0], kind, places);
                return;
            }
            if (instruction.Action is not PatternAction.Fork) places.Add(place);
            else
                foreach (int way in instruction.Next) Follow(way, kind, places);
        }

        private bool Holds(int set, int kind) => kind < classes.Count && classes.Holds(set, kind);

        private static string Text(List<int> places) => string.Create(places.Count, places, (text, from) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = (char)from[i];
        });
    }
}
