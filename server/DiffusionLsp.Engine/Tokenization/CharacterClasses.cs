using System.Text.RegularExpressions;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Sorts the UTF-16 units into classes that the sets of one pattern do not tell apart, so that a table of a few columns does for
/// all of them. What a set holds is asked of .NET's regular expressions, one character at a time.
/// </summary>
internal sealed class CharacterClasses
{
    /// <summary>Every UTF-16 unit at its place.</summary>
    private static readonly string Units = string.Create(0x10000, 0, (units, _) =>
    {
        for (int i = 0; i < units.Length; i++) units[i] = (char)i;
    });

    private readonly bool[][] holds; // by set, then class

    /// <param name="sets">Each as a regular expression for one character.</param>
    /// <exception cref="InvalidDataException">One is not, or there are too many classes; the message is a clause.</exception>
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

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether a set holds the characters of a class.</summary>
    public bool Holds(int set, int of) => holds[set][of];

    private static bool[] Members((string Text, bool IgnoresCase) set)
    {
        var members = new bool[Units.Length];
        try
        {
            // A run of one set, with nothing behind it, never goes back. (NonBacktracking costs a third of a second to set up.)
            RegexOptions options = RegexOptions.CultureInvariant | (set.IgnoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
            foreach (ValueMatch run in new Regex($"(?:{set.Text})+", options).EnumerateMatches(Units)) members.AsSpan(run.Index, run.Length).Fill(true);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"is not a regular expression ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }
        return members;
    }

    /// <summary>Gives the members of every class that are in the set a class of their own, unless all are.</summary>
    private void Split(bool[] set, List<int> representatives)
    {
        var moved = new int[representatives.Count]; // class → the class of those that belong to the set; 0: none yet
        for (int unit = 0; unit < Units.Length; unit++)
        {
            int old = Of[unit];
            if (set[unit] == set[representatives[old]]) continue;
            if (moved[old] == 0)
            {
                if (representatives.Count > byte.MaxValue) throw new InvalidDataException("tells too many kinds of characters apart");
                moved[old] = representatives.Count;
                representatives.Add(unit);
            }
            Of[unit] = (byte)moved[old];
        }
    }
}
