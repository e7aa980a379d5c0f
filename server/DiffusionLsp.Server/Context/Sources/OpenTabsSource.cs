using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Context.Sources;

/// <summary>The other open documents of the same language.</summary>
internal sealed class OpenTabsSource : IContextSource
{
    private const int MostTabs = 30;
    private const int LargestDocument = 128 * 1024;

    public double Weight => 1.1;

    public IEnumerable<ContextText> Find(ContextQuery query)
    {
        int taken = 0;
        foreach (TextDocument document in query.Open.Values.OrderBy(d => d.Uri, StringComparer.Ordinal))
        {
            if (document.LanguageId != query.Document.LanguageId || document.Text.Length > LargestDocument || query.Visible(document) is not { } file) continue;
            yield return new ContextText(file, document, document.Text);
            if (++taken == MostTabs) yield break;
        }
    }
}
