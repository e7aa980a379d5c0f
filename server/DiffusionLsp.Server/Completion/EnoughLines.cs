using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Detects, while a multi-line completion is decoded, that post-processing will cut the rest off, for example because the
/// block has ended, so the rest need not be decoded. Pure.
/// </summary>
internal static class EnoughLines
{
    /// <summary>Whether the text's last complete line made no difference to the suggestion.</summary>
    public static bool Are(string written, Surroundings surroundings)
    {
        if (surroundings.SingleLine) return false; // decoding ends with the line anyway
        int end = written.LastIndexOf('\n');
        int before = end > 0 ? written.LastIndexOf('\n', end - 1) : -1;
        if (before <= 0 || string.IsNullOrWhiteSpace(written[before..end])) return false;
        string shorter = PostprocessChain.Cut(written[..before], surroundings).Text;
        return shorter.Length > 0 && shorter == PostprocessChain.Cut(written[..end], surroundings).Text;
    }
}
