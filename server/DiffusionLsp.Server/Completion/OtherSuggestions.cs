using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Alternatives to a suggestion: sampled at a temperature that rises with each attempt, with fixed seeds, so that the same
/// position always gets the same alternatives. It does not know how decoding is done.
/// </summary>
internal static class OtherSuggestions
{
    private const int Most = 2;

    private static readonly double[] Temperatures = [0.6, 0.8, 0.8, 1, 1, 1, 1, 1];

    /// <summary>Up to two alternatives that differ from the first and from each other by more than their ends.</summary>
    /// <param name="options">The decode options of the first.</param>
    /// <param name="decode">Null: cancelled.</param>
    /// <returns>Null: cancelled.</returns>
    public static async Task<IReadOnlyList<Suggestion>?> FindAsync(Suggestion first, DecodeOptions options, Func<DecodeOptions, Task<CompletionOutcome?>> decode)
    {
        List<Suggestion> known = [first];
        for (int i = 0; i < Temperatures.Length && known.Count <= Most; i++)
        {
            CompletionOutcome? outcome = await decode(options with { Temperature = Temperatures[i], Seed = i + 1 }).ConfigureAwait(false);
            if (outcome is null) return null;
            if (outcome is Suggestion other && !known.Exists(k => SaysTheSame(k.Text, other.Text))) known.Add(other);
        }
        return known[1..];
    }

    /// <summary>Whether one of the texts is a prefix of the other, ignoring whitespace.</summary>
    private static bool SaysTheSame(string one, string other)
    {
        (one, other) = (Squeezed(one), Squeezed(other));
        return one.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(one, StringComparison.Ordinal);
    }

    private static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
