using System.Text.RegularExpressions;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Partitions the UTF-16 units into classes whose members no set of a pattern distinguishes, so that the automaton's table needs
/// only a few columns. Membership of the sets is determined by .NET's regular expressions, one character at a time.
/// </summary>
internal sealed class CharacterClasses
{
    /// <summary>All UTF-16 units in order.</summary>
    private static readonly string Units = string.Create(0x10000, 0, (units, _) =>
    {
        for (int i = 0; i < units.Length; i++) units[i] = (char)i;
    });

    private readonly bool[][] holds; // [set][class]

    /// <param name="sets">Each as a regular expression that matches one character.</param>
    /// <exception cref="InvalidDataException">A set is malformed, or there are too many classes; the message is a clause.</exception>
    public CharacterClasses(IReadOnlyList<(string Text, bool IgnoresCase)> sets)
    {
        Of = new byte[Units.Length];
        List<bool[]> members = [.. sets.Select(Members)];
        var representatives = new List<int> { 0 };
        foreach (bool[] set in members) Split(set, representatives);
        Count = representatives.Count;
        holds = [.. members.Select(set => representatives.Select(unit => set[unit]).ToArray())];
    }

    /// <summary>The class of each UTF-16 unit.</summary>
    public byte[] Of { get; }

    /// <summary>Number of classes.</summary>
    public int Count { get; }

    /// <summary>Whether a set contains the characters of a class.</summary>
    public bool Holds(int set, int of) => holds[set][of];

    private static bool[] Members((string Text, bool IgnoresCase) set)
    {
        var members = new bool[Units.Length];
        try
        {
            // A run of one set with nothing after it never backtracks. (NonBacktracking takes a third of a second to set up.)
            RegexOptions options = RegexOptions.CultureInvariant | (set.IgnoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
            foreach (ValueMatch run in new Regex($"(?:{set.Text})+", options).EnumerateMatches(Units)) members.AsSpan(run.Index, run.Length).Fill(true);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"is not a regular expression ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }
        return members;
    }

    /// <summary>Splits every class that lies partly in the set: its members in the set get their own class.</summary>
    private void Split(bool[] set, List<int> representatives)
    {
        var moved = new int[representatives.Count]; // old class → new class of its members in the set; 0: none yet
        for (int unit = 0; unit < Units.Length; unit++)
        {
            int old = Of[unit];
            if (set[unit] == set[representatives[old]]) continue;
            if (moved[old] == 0)
            {
                if (representatives.Count > byte.MaxValue) throw new InvalidDataException("distinguishes too many classes of characters");
                moved[old] = representatives.Count;
                representatives.Add(unit);
            }
            Of[unit] = (byte)moved[old];
        }
    }
}
