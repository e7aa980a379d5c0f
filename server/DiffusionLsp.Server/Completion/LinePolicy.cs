using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>Decides whether a completion may have several lines. Pure; looks at the cursor's line only.</summary>
internal static class LinePolicy
{
    /// <summary>Whether only the cursor's line is to be completed.</summary>
    public static bool IsSingleLine(CompletionRequest request)
    {
        if (request.SingleLine is { } wanted) return wanted;
        if (!string.IsNullOrWhiteSpace(request.RestOfLine)) return true;
        return request.Settings.Multiline switch
        {
            Tristate.Always => false,
            Tristate.Never => true,
            _ => !string.IsNullOrWhiteSpace(request.LinePrefix) && !OpensBlock(request.LinePrefix),
        };
    }

    /// <summary>Whether the line ends with something that a block, a list or an argument list follows.</summary>
    public static bool OpensBlock(string linePrefix) =>
        linePrefix.AsSpan().TrimEnd() is [.., '{' or ':' or '(' or '['];
}
