namespace DiffusionLsp.Server.Context;

/// <summary>A text that might help to complete another file, before anybody judged how much.</summary>
/// <param name="Path">Relative to the workspace; what the model is told.</param>
/// <param name="Stamp">Changes when the text does: a version of a document, or time and size of a file; null: not worth remembering.</param>
/// <param name="Text">Any line breaks.</param>
internal sealed record ContextText(string Path, object? Stamp, string Text);

/// <summary>A stretch of another file, chosen for the prompt.</summary>
/// <param name="Path">Relative to the workspace.</param>
/// <param name="Text">Whole lines, line breaks as LF, none at the end.</param>
/// <param name="Score">How much it has in common with the text around the cursor, times the weight of its source.</param>
internal sealed record ContextSnippet(string Path, string Text, double Score);
