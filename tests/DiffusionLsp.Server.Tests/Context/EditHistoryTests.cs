using System.Collections.Immutable;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Where documents were changed, found by comparing them with what was open before.</summary>
public sealed class EditHistoryTests
{
    private readonly EditHistory history = new();
    private ImmutableDictionary<string, TextDocument> open = ImmutableDictionary<string, TextDocument>.Empty;

    [Fact]
    public void A_change_is_noted_with_its_lines_the_newest_first()
    {
        Show("file:///a.ts", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        Show("file:///b.ts", "x\n");
        Assert.Empty(history.Edits); // opening is not editing
        Show("file:///a.ts", "1\n2\nthree\nfour\n4\n5\n6\n7\n8\n9\n");
        Show("file:///b.ts", "y\n");
        Assert.Equal([("file:///b.ts", 0, 1), ("file:///a.ts", 2, 2)], Seen());
    }

    [Fact]
    public void A_change_that_touches_an_earlier_one_replaces_it()
    {
        Show("file:///a.ts", string.Concat(Enumerable.Range(0, 40).Select(i => $"line {i}\n")));
        Show("file:///a.ts", open.Values.Single().Text.Replace("line 3\n", "line three\n"));
        Show("file:///a.ts", open.Values.Single().Text.Replace("line 30\n", "line thirty\n"));
        Show("file:///a.ts", open.Values.Single().Text.Replace("line 4\n", "line four\n"));
        Assert.Equal([("file:///a.ts", 4, 1), ("file:///a.ts", 30, 1)], Seen());
    }

    [Fact]
    public void Another_version_of_the_same_text_is_no_change()
    {
        Show("file:///a.ts", "x\n");
        Show("file:///a.ts", "x\n");
        Assert.Empty(history.Edits);
    }

    [Fact]
    public void A_closed_document_s_changes_are_dropped_and_only_eight_are_kept()
    {
        for (int i = 0; i < 12; i++) Show($"file:///{i:00}.ts", "x\n");
        for (int i = 0; i < 12; i++) Show($"file:///{i:00}.ts", "y\n");
        Assert.Equal(Enumerable.Range(4, 8).Reverse().Select(i => $"file:///{i:00}.ts"), history.Edits.Select(e => e.Uri));
        open = open.Remove("file:///11.ts");
        history.Look(open);
        Assert.Equal("file:///10.ts", history.Edits[0].Uri);
        Assert.Equal(7, history.Edits.Count);
    }

    private IEnumerable<(string, int, int)> Seen() => history.Edits.Select(e => (e.Uri, e.Line, e.Lines));

    private void Show(string uri, string text)
    {
        open = open.SetItem(uri, new TextDocument(uri, "typescript", 1, text));
        history.Look(open);
    }
}
