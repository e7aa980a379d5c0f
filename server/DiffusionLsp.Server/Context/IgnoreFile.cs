namespace DiffusionLsp.Server.Context;

/// <summary>The patterns of one ignore file. The last one that matches decides. It does not know where the lines come from.</summary>
internal sealed class IgnoreFile(IEnumerable<string> lines)
{
    private readonly IgnorePattern[] patterns = [.. lines.Select(IgnorePattern.Parse).OfType<IgnorePattern>()];

    public static IgnoreFile Empty { get; } = new([]);

    public bool IsEmpty => patterns.Length == 0;

    /// <summary>The last pattern that matches, whether it ignores or is negated; null: none matches.</summary>
    /// <param name="path">Relative to the ignore file's folder, with forward slashes.</param>
    public IgnorePattern? Decides(string path, bool isFolder)
    {
        for (int i = patterns.Length - 1; i >= 0; i--)
            if (patterns[i].Matches(path, isFolder)) return patterns[i];
        return null;
    }
}
