using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// The order of a prompt's parts, in training and serving alike: path, suffix, prefix (SPM). The suffix comes first because it does
/// not change while the user types; the middle follows the prefix, so that typed or accepted text keeps its place in the K/V
/// cache. With a FIM middle token between the two (<see cref="FimMiddleStyle"/>), a model can tell where a hole ends. It
/// knows nothing of budgets or files.
/// </summary>
internal static class PromptLayout
{
    /// <summary>Maximum length of a path in tokens; longer ones keep their end.</summary>
    public const int MaxPathTokens = 24;

    /// <summary>Everything that precedes the middle.</summary>
    /// <param name="path">Token ids of the path; empty: unknown.</param>
    /// <param name="suffix">Token ids after the hole; empty: none.</param>
    /// <param name="prefix">Token ids before the hole.</param>
    public static int[] Compose(SpecialTokens special, ReadOnlySpan<int> path, ReadOnlySpan<int> suffix, ReadOnlySpan<int> prefix)
    {
        if (path.Length > MaxPathTokens) path = path[^MaxPathTokens..];
        var prompt = new List<int>(path.Length + suffix.Length + prefix.Length + 3);
        if (special.File is { } file)
        {
            prompt.Add(file);
            prompt.AddRange(path);
        }
        if (suffix.Length > 0 && special.FimSuffix is { } open)
        {
            prompt.Add(open);
            prompt.AddRange(suffix);
        }
        if (special.FimPrefix is { } begin) prompt.Add(begin);
        prompt.AddRange(prefix);
        return [.. prompt];
    }

    /// <summary>The path as the model sees it: its last three parts at most, with forward slashes.</summary>
    public static string ShortPath(string path) => string.Join('/', path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries).TakeLast(3));
}
