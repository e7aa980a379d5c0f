using System.Collections.Immutable;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Context.Workspace;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>What enters the index of the workspace, when it leaves again, and what never enters.</summary>
public sealed class WorkspaceCacheTests : IDisposable
{
    private static readonly CodeTokenizer Tokenizer = CodeTokenizer.Load(EmbeddedModel.FolderOr(null));

    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();
    private readonly CollectedLog log = new(); // a line for each index that is made
    private readonly DocumentStore documents;
    private readonly WorkspaceCache cache;
    private ServerSettings settings = new();
    private int version;

    public WorkspaceCacheTests()
    {
        var listeners = new Listeners(Serilog.Core.Logger.None);
        documents = new DocumentStore(listeners);
        cache = new WorkspaceCache(documents, new FileExclusions(time), () => new WorkspaceIndex.Builder(Tokenizer), time, log.Create()) { AfterFirst = TimeSpan.Zero };
        listeners.On<DocumentChange>(cache.Note);
    }

    public void Dispose()
    {
        cache.Dispose();
        folder.Dispose();
    }

    private ImmutableArray<string> Roots => [folder.Uri];

    private WorkspaceIndex? Ask(string name) => cache.Of(WorkspaceFile.From($"{folder.Uri}/{name}", Roots)!, Roots, settings);

    /// <summary>The index after another scan that was due.</summary>
    private async Task<WorkspaceIndex?> LookedAsync(string name = "src/a.py")
    {
        time.Advance(WorkspaceCache.Interval);
        Ask(name);
        await cache.Looking;
        return Ask(name);
    }

    private void Edit(string name, string text) => documents.Open(new TextDocument($"{folder.Uri}/{name}", "python", ++version, text));

    private static string Function(string word) => $"def {word}():\n    return compute_{word}(alpha, beta)\n";

    private static bool Knows(WorkspaceIndex? index, string word) => index?.Find(Tokenizer.Encode($"    return compute_{word}(alpha,")) is { Length: > 4 };

    [Fact]
    public async Task Files_of_the_language_are_known_after_the_first_look_and_the_file_itself_is_not()
    {
        folder.Write("src/b.py", Function("bird"));
        folder.Write("src/deep/c.py", Function("cat"));
        folder.Write("d.py", Function("dog"));
        folder.Write("src/a.py", Function("ant"));
        folder.Write("src/e.cs", Function("eel"));
        Assert.Null(Ask("src/a.py")); // nobody waits for the first look
        WorkspaceIndex? index = await LookedAsync();
        Assert.All(["bird", "cat", "dog"], word => Assert.True(Knows(index, word), word));
        Assert.All(["ant", "eel"], word => Assert.False(Knows(index, word), word));
        Assert.True(Knows(Ask("src/b.py"), "ant"), "the same index serves another file");
        Assert.False(Knows(Ask("src/b.py"), "bird"));
    }

    [Fact]
    public async Task Edits_saves_renames_and_deletions_are_followed()
    {
        folder.Write("src/b.py", Function("bird"));
        folder.Write("src/c.py", Function("cat"));
        Assert.True(Knows(await LookedAsync(), "bird"));
        Edit("src/b.py", Function("bee")); // not saved
        File.Delete(Path.Combine(folder.Path, "src/c.py"));
        folder.Write("src/renamed.py", Function("cow"));
        WorkspaceIndex? index = await LookedAsync();
        Assert.True(Knows(index, "bee") && Knows(index, "cow"));
        Assert.False(Knows(index, "bird") || Knows(index, "cat"));
        documents.Close($"{folder.Uri}/src/b.py");
        Assert.True(Knows(await LookedAsync(), "bird"), "what is on the disk counts again");
    }

    [Fact]
    public async Task Typing_makes_no_new_index_and_nothing_ticks()
    {
        folder.Write("src/b.py", Function("bird"));
        for (int i = 0; i < 5; i++)
        {
            Edit("src/a.py", Function("ant") + new string('x', i));
            Assert.True(Knows(await LookedAsync(), "bird"));
        }
        Assert.Single(log.Lines);
        Assert.Equal(0, time.Armed);
    }

    [Fact]
    public async Task What_was_looked_at_long_ago_is_not_used()
    {
        folder.Write("src/b.py", Function("bird"));
        Assert.NotNull(await LookedAsync());
        time.Advance(WorkspaceCache.Valid + TimeSpan.FromSeconds(1));
        Assert.Null(Ask("src/a.py"));
        await cache.Looking;
        Assert.True(Knows(Ask("src/a.py"), "bird"));
    }

    [Fact]
    public async Task Secret_ignored_excluded_generated_and_linked_files_never_get_in()
    {
        folder.Write(".gitignore", "ignored.py\nbuild/\n");
        folder.Write(".diffusionignore", "private.py\n");
        folder.Write("src/ignored.py", Function("gnu"));
        folder.Write("build/b.py", Function("bat"));
        folder.Write("src/private.py", Function("pig"));
        folder.Write("src/secrets.py", Function("cat"));
        folder.Write("node_modules/m/n.py", Function("newt"));
        folder.Write(".hidden/h.py", Function("hen"));
        folder.Write("src/x_pb2.py", Function("boa"));
        folder.Write("src/made.py", "# @generated\n" + Function("mule"));
        folder.Write("src/large.py", Function("elk") + new string('\n', WorkspaceCache.MostBytes));
        folder.Write("src/binary.py", Function("bug") + "\0");
        using var outside = new TemporaryFolder();
        outside.Write("o.py", Function("owl"));
        File.CreateSymbolicLink(Path.Combine(folder.Path, "src", "link.py"), Path.Combine(outside.Path, "o.py"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "src", "linked"), outside.Path);
        folder.Write("src/b.py", Function("bird"));
        settings = settings with { Exclude = new FileList(["secrets.py"]) };
        WorkspaceIndex? index = await LookedAsync();
        Assert.True(Knows(index, "bird"));
        Assert.All(["gnu", "bat", "pig", "cat", "newt", "hen", "boa", "mule", "elk", "bug", "owl"], word => Assert.False(Knows(index, word), word));
    }

    [Fact]
    public async Task A_file_that_becomes_excluded_drops_out()
    {
        folder.Write("src/b.py", Function("bird"));
        folder.Write("src/c.py", Function("cat"));
        Assert.True(Knows(await LookedAsync(), "cat"));
        folder.Write(".gitignore", "c.py\n");
        WorkspaceIndex? index = await LookedAsync();
        Assert.False(Knows(index, "cat"));
        Assert.True(Knows(index, "bird"));
        settings = settings with { Exclude = new FileList(["b.py"]) };
        Assert.Null(Ask("src/a.py")); // not even until the next look
        Assert.False(Knows(await LookedAsync(), "bird"));
        settings = settings with { WorkspaceCache = false };
        Assert.Null(await LookedAsync());
    }

    [Fact]
    public async Task What_was_cut_is_known_for_some_minutes()
    {
        folder.Write("src/a.py", "");
        Edit("src/b.py", Function("bird") + Function("cat"));
        Assert.True(Knows(await LookedAsync(), "cat"));
        Edit("src/b.py", Function("bird"));
        Assert.True(Knows(await LookedAsync(), "cat"), "cut, to be put in elsewhere");
        Assert.True(Knows(await LookedAsync("src/b.py"), "cat"), "in the same file too");
        time.Advance(DeletedTexts.Kept);
        Assert.False(Knows(await LookedAsync(), "cat"));
    }

    [Fact]
    public async Task What_was_cut_from_a_file_that_may_not_leave_is_not_known()
    {
        folder.Write(".diffusionignore", "b.py\n");
        Edit("src/b.py", Function("bird") + Function("cat"));
        await LookedAsync();
        Edit("src/b.py", Function("bird"));
        WorkspaceIndex? index = await LookedAsync();
        Assert.False(Knows(index, "cat") || Knows(index, "bird"));
    }

    [Fact]
    public async Task A_large_workspace_is_looked_through_up_to_its_limits_the_nearest_files_first()
    {
        string large = string.Concat(Enumerable.Range(0, 7_000).Select(i => $"value_{i} = other_{i} + {i}\n"))[..200_000];
        for (int i = 0; i < 30; i++) folder.Write($"far/f{i}.py", large + Function($"far{i}"));
        folder.Write("src/near.py", Function("near"));
        WorkspaceIndex? index = await LookedAsync();
        Assert.True(Knows(index, "near"));
        Assert.True(Knows(index, "far0"));
        Assert.False(Knows(index, "far9")); // by name the last
        Assert.InRange(index!.Texts, 15, 22);
    }
}
