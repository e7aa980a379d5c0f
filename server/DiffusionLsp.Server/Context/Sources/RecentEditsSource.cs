namespace DiffusionLsp.Server.Context.Sources;

/// <summary>Recently edited code elsewhere: the lines around the latest changes of other open documents.</summary>
internal sealed class RecentEditsSource : IContextSource
{
    private const int Around = 6;

    public double Weight => 1.5;

    public IEnumerable<ContextText> Find(ContextQuery query)
    {
        foreach (RecentEdit edit in query.Edits)
        {
            if (query.Open.GetValueOrDefault(edit.Uri) is not { } document || query.Visible(document) is not { } file) continue;
            int first = Math.Clamp(edit.Line - Around, 0, document.Lines.LineCount - 1);
            int last = Math.Clamp(edit.Line + edit.Lines + Around, first, Math.Min(document.Lines.LineCount - 1, first + WordWindows.Lines - 1));
            yield return new ContextText(file, null, document.Text[document.Lines.LineStart(first)..document.Lines.LineEnd(last)]);
        }
    }
}
