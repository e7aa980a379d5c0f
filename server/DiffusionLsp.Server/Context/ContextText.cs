namespace DiffusionLsp.Server.Context;

/// <summary>A text that might help to complete another file, before anybody judged how much.</summary>
/// <param name="Stamp">Changes when the text does: a version of a document, or time and size of a file; null: not worth remembering.</param>
/// <param name="Text">Any line breaks.</param>
internal sealed record ContextText(WorkspaceFile File, object? Stamp, string Text)
{
    /// <summary>What the model is told.</summary>
    public string Path => File.Path;
}

/// <summary>A stretch of another file, chosen for the prompt.</summary>
/// <param name="Text">Whole lines, line breaks as LF, none at the end.</param>
/// <param name="Score">How much it has in common with the text around the cursor, times the weight of its source.</param>
internal sealed record ContextSnippet(WorkspaceFile File, string Text, double Score)
{
    /// <inheritdoc cref="ContextText.Path"/>
    public string Path => File.Path;
}
