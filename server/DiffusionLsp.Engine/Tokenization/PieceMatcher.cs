using System.Collections.Concurrent;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Matches a pre-tokenizer's pattern at a position of a text, with the same result as a backtracking regular expression but in one
/// pass, by a deterministic automaton that is built when the pattern is read. It knows no vocabulary.
/// </summary>
/// <remarks>
/// A state is the list of instructions that the pattern may have reached, in order of preference; those after a match are dropped.
/// Lookaheads stay in the list until the next character is known, so a match is detected one character late.
/// </remarks>
internal sealed class PieceMatcher
{
    /// <summary>
    /// Maximum length of a piece; what follows belongs to the next piece. It bounds the time per position, and the tokenizer splits
    /// longer words anyway.
    /// </summary>
    public const int LongestPiece = 1024;

    private const int MostStates = 1000;
    private const int MostKept = 16;
    private static readonly ConcurrentDictionary<string, PieceMatcher> Kept = new(StringComparer.Ordinal);

    private readonly byte[] classes; // of UTF-16 units
    private readonly int[] table; // (states, classes plus the end of the text): 2 · (next state + 1), 0 if there is none, plus 1 if the pattern is complete before the character
    private readonly int columns;

    private PieceMatcher(string pattern)
    {
        (PatternNode root, IReadOnlyList<(string, bool)> sets) = PatternReader.Read(pattern);
        var kinds = new CharacterClasses(sets);
        (classes, columns) = (kinds.Of, kinds.Count + 1);
        table = Table(new Step(PatternProgram.Of(root), kinds));
    }

    /// <summary>The matcher of a pattern; the last few are cached.</summary>
    /// <exception cref="InvalidDataException">The pattern is malformed or needs backtracking; the message is a clause that continues "a pattern that".</exception>
    public static PieceMatcher Of(string pattern)
    {
        if (Kept.TryGetValue(pattern, out PieceMatcher? known)) return known;
        var made = new PieceMatcher(pattern);
        if (Kept.Count >= MostKept) Kept.Clear();
        return Kept[pattern] = made;
    }

    /// <summary>Length of the piece that begins at a position; 0: none.</summary>
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
        // Half of a surrogate pair cannot be encoded.
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

    /// <summary>The automaton's transitions. A state is a string of instruction indices.</summary>
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

        /// <param name="kind">Class of the next character; the number of classes: end of the text.</param>
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

        /// <summary>Adds the instructions reached without consuming a character.</summary>
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
