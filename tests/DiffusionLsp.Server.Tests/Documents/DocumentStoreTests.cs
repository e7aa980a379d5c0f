using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Documents;

/// <summary>Which document a URI refers to, and what happens to edits, including impossible ones.</summary>
public class DocumentStoreTests
{
    private readonly Listeners listeners = new(Logger.None);
    private readonly DocumentStore store;

    public DocumentStoreTests() => store = new DocumentStore(listeners);


    private static TextChange? Insert(string text) => new TextChange(new TextSpan(0, 0, 0, 0), text);

    private static TextChange? Whole(string text) => new TextChange(null, text);

    private TextDocument Open(string uri, string text = "a", int version = 1)
    {
        var document = new TextDocument(uri, "typescript", version, text);
        store.Open(document);
        return document;
    }

    [Fact]
    public void Spellings_of_a_URI_are_one_document_and_the_client_s_stays()
    {
        Open("file:///c%3A/w/a.ts");
        Assert.Equal(ChangeOutcome.Applied, store.Change("file:///C:/w/a.ts", 2, [Insert("x")]));
        TextDocument document = Assert.Single(store.Snapshot).Value;
        Assert.Equal(("xa", 2, "file:///c%3A/w/a.ts"), (document.Text, document.Version, document.ClientUri));
        Assert.Same(document, store.Find("FILE:///c:/w/a.ts"));
        Assert.True(store.Close("file:/c:/w/a.ts"));
        Assert.Empty(store.Snapshot);
    }

    [Fact]
    public void Opened_again_a_document_is_the_new_one()
    {
        Open("file:///a.ts", "old", 9);
        var changes = new List<DocumentChange>();
        listeners.On<DocumentChange>(changes.Add);
        TextDocument again = Open("file:/a.ts", "new");
        Assert.Equal(ChangeOutcome.Applied, store.Change("file:///a.ts", null, [Insert("!")]));
        Assert.Equal(("!new", 2), (store.Find("file:///a.ts")!.Text, store.Find("file:///a.ts")!.Version));
        Assert.Equal("old", changes[0].Before?.Text);
        Assert.Same(again, changes[0].After);
    }

    [Fact]
    public void What_is_not_open_is_neither_changed_nor_closed()
    {
        int changes = 0;
        listeners.On<DocumentChange>(_ => changes++);
        Assert.Equal(ChangeOutcome.NotOpen, store.Change("file:///a.ts", 1, [Insert("x")]));
        Assert.Equal(ChangeOutcome.NotOpen, store.Change("", 1, [null]));
        Assert.False(store.Close("file:///a.ts"));
        Assert.Empty(store.Snapshot);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void After_a_lost_edit_only_a_whole_text_brings_a_document_back_into_step()
    {
        Open("file:///a.ts", "abc");
        Assert.Equal(ChangeOutcome.Lost, store.Change("file:///a.ts", 2, [Insert("x"), null, Insert("y")]));
        Assert.False(store.Find("file:///a.ts")!.IsInStep);
        Assert.Equal(ChangeOutcome.StillLost, store.Change("file:///a.ts", 3, [Insert("z")]));
        Assert.Equal(ChangeOutcome.StillLost, store.Change("file:///a.ts", 4, []));
        Assert.Equal(ChangeOutcome.StillLost, store.Change("file:///a.ts", 5, [Whole("new"), null]));
        Assert.Equal(ChangeOutcome.Applied, store.Change("file:///a.ts", 6, [null, Insert("x"), Whole("new"), Insert("!")]));
        Assert.Equal(("!new", true, 6), (store.Find("file:///a.ts")!.Text, store.Find("file:///a.ts")!.IsInStep, store.Find("file:///a.ts")!.Version));

        store.Change("file:///a.ts", 7, [null]);
        Open("file:///a.ts", "opened again");
        Assert.Equal(ChangeOutcome.Applied, store.Change("file:///a.ts", 2, [Insert("> ")]));
        Assert.Equal("> opened again", store.Find("file:///a.ts")!.Text);
    }
}
