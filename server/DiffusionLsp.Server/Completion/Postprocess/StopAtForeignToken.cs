using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft before a semicolon inside the parentheses of a call, and before a line with an operator that the language
/// does not have: small models mix up languages.
/// </summary>
internal sealed class StopAtForeignToken : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.NotTheLanguage;

    public string Apply(string draft, Surroundings surroundings)
    {
        if (!surroundings.Lexicon.IsKnown) return draft;
        Place place = surroundings.AtCursor.Place;
        string inner = surroundings.AtCursor.Innermost;
        foreach (Step step in surroundings.AtCursor.Copy().Walk(draft))
        {
            if (place is Place.Code && step.Place is Place.Code)
            {
                bool isCall = inner is ")" or "]" && draft[step.From] == ';' && surroundings.Lexicon.HasHeaders;
                if (isCall && !IsLoop(surroundings.LinePrefix + draft[..step.From])) return draft[..step.From].TrimEnd();
                if (IsForeign(draft, step.From, surroundings)) return draft[..(draft.LastIndexOf('\n', step.From) is var end and > 0 ? end : 0)];
            }
            (place, inner) = (step.Place, step.Innermost);
        }
        return draft;
    }

    private static bool IsLoop(string before) => Words.Of(before[(before.LastIndexOf('\n') + 1)..]).Contains("for");

    private static bool IsForeign(string draft, int at, Surroundings surroundings)
    {
        foreach (string token in surroundings.Lexicon.Foreign)
            if (string.CompareOrdinal(draft, at, token, 0, token.Length) == 0) return true;
        return false;
    }
}
