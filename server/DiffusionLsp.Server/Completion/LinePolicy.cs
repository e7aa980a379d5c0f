using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>Decides whether a completion may have several lines. Pure; looks at the cursor's line only.</summary>
internal static class LinePolicy
{
    /// <summary>Whether only the cursor's line is to be completed.</summary>
    public static bool IsSingleLine(CompletionRequest request) => StaysOnLine(request)
        || (request is { SingleLine: null, Settings.Multiline: Tristate.Auto } && !string.IsNullOrWhiteSpace(request.LinePrefix) && !OpensBlock(request.LinePrefix));

    /// <summary>Whether nothing may be written below the cursor's line, regardless of the text before the cursor.</summary>
    public static bool StaysOnLine(CompletionRequest request) =>
        request.SingleLine ?? (request.Settings.Multiline == Tristate.Never || !string.IsNullOrWhiteSpace(request.RestOfLine));

    /// <summary>Whether the line ends with something that introduces a block, a list or an argument list.</summary>
    public static bool OpensBlock(string linePrefix) =>
        linePrefix.AsSpan().TrimEnd() is [.., '{' or ':' or '(' or '['];
}
