namespace DiffusionLsp.Server.Context;

/// <summary>A text that might help to complete another file, not yet scored.</summary>
/// <param name="Stamp">Changes when the text does: a document's version, or a file's time and size; null: not worth caching.</param>
/// <param name="Text">With any line breaks.</param>
internal sealed record ContextText(WorkspaceFile File, object? Stamp, string Text)
{
    /// <summary>The path as shown to the model.</summary>
    public string Path => File.Path;
}

/// <summary>A part of another file, chosen for the prompt.</summary>
/// <param name="Text">Whole lines with LF line breaks, none at the end.</param>
/// <param name="Score">Similarity to the text around the cursor, times the weight of its source.</param>
internal sealed record ContextSnippet(WorkspaceFile File, string Text, double Score)
{
    /// <inheritdoc cref="ContextText.Path"/>
    public string Path => File.Path;
}
