using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Notices while a completion of several lines is written that the rules will cut the rest off, for example because its
/// block has ended. What would be thrown away need not be decoded. Pure.
/// </summary>
internal static class EnoughLines
{
    /// <summary>Whether the last whole line of the text made no difference to the suggestion any more.</summary>
    public static bool Are(string written, Surroundings surroundings)
    {
        if (surroundings.SingleLine) return false; // decoding ends with the line by itself
        int end = written.LastIndexOf('\n');
        int before = end > 0 ? written.LastIndexOf('\n', end - 1) : -1;
        if (before <= 0 || string.IsNullOrWhiteSpace(written[before..end])) return false;
        string shorter = PostprocessChain.Cut(written[..before], surroundings).Text;
        return shorter.Length > 0 && shorter == PostprocessChain.Cut(written[..end], surroundings).Text;
    }
}
