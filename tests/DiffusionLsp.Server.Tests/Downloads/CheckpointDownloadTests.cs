using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.Tests.Downloads;

/// <summary>Downloads from a local hub: complete, resumed, retried, and rejected if the content is not what was announced.</summary>
[Trait("tier", "slow")]
public sealed class CheckpointDownloadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("diffusion-lsp-test-").FullName;
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    private readonly HttpClient http = new();
    private readonly Dictionary<string, byte[]> files = new()
    {
        ["config.json"] = [.. "{}"u8],
        ["model.safetensors"] = Noise(300_000),
        ["merges.txt"] = [.. "#version\n"u8],
        ["modeling.py"] = [.. "import os"u8],
        ["../evil.json"] = [.. "[]"u8],
        ["sub/other.json"] = [.. "[]"u8],
    };

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_a_model_needs_is_downloaded_and_nothing_else()
    {
        using var hub = new LocalHub(files);
        var told = new List<(long Done, long All)>();
        long fetched = await Download(hub, (done, all) => told.Add((done, all)));
        Assert.Equal(["config.json", "merges.txt", "model.safetensors"], Names());
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(told[^1].All, told[^1].Done);
        Assert.Equal(fetched, told[^1].All);
        Assert.False(File.Exists(Path.Combine(folder, "..", "evil.json")));
    }

    [Fact]
    public async Task What_is_there_is_not_downloaded_again()
    {
        using var hub = new LocalHub(files);
        await Download(hub);
        File.WriteAllText(Path.Combine(folder, "config.json"), "xx"); // as long, but not the same
        int before = hub.Requests.Count;
        Assert.Equal(2, await Download(hub));
        Assert.Equal(["/api/models/who/tiny/revision/main", "/who/tiny/resolve/main/config.json"], hub.Requests.Skip(before));
    }

    [Fact]
    public async Task A_broken_connection_is_continued_where_it_broke()
    {
        using var hub = new LocalHub(files) { Breaks = (70_000, 2) };
        long fetched = await Download(hub);
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        string[] ranges = [.. hub.Requests.Where(r => r.Contains("model.safetensors "))];
        Assert.Equal(2, ranges.Length);
        Assert.All(ranges, r => Assert.Matches(@"bytes=[1-9]\d*-$", r));
        Assert.True(fetched < 2 * files["model.safetensors"].Length);
    }

    [Fact]
    public async Task An_earlier_run_is_continued()
    {
        using var hub = new LocalHub(files);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors.partial"), files["model.safetensors"][..123_456]);
        long fetched = await Download(hub);
        Assert.Contains("/who/tiny/resolve/main/model.safetensors bytes=123456-", hub.Requests);
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(files["model.safetensors"].Length - 123_456 + 2 + 9, fetched);
    }

    [Fact]
    public async Task A_hub_without_ranges_sends_everything_anew()
    {
        using var hub = new LocalHub(files) { IgnoresRanges = true };
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors.partial"), Noise(1000));
        await Download(hub);
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [Fact]
    public async Task A_beginning_that_is_not_the_files_is_noticed_and_thrown_away()
    {
        using var hub = new LocalHub(files);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors.partial"), new byte[1000]);
        Assert.Contains("was damaged in transfer", (await Assert.ThrowsAsync<UserException>(() => Download(hub))).Message);
        Assert.DoesNotContain("model.safetensors", string.Join(' ', Names()));
        await Download(hub);
        Assert.Contains("model.safetensors", Names());
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again()
    {
        using var hub = new LocalHub(files) { Busy = 3 };
        await Download(hub);
        Assert.Contains("model.safetensors", Names());
    }

    [Fact]
    public async Task A_hub_that_stays_busy_is_given_up()
    {
        using var hub = new LocalHub(files) { Busy = 100 };
        await Assert.ThrowsAsync<HttpRequestException>(() => Download(hub));
        Assert.Equal(7, hub.Requests.Count);
    }

    [Fact]
    public async Task A_wrong_checksum_is_refused()
    {
        using var hub = new LocalHub(files) { Damaged = "model.safetensors" };
        Assert.Contains("'model.safetensors'", (await Assert.ThrowsAsync<UserException>(() => Download(hub))).Message);
        Assert.DoesNotContain("model.safetensors", Names());
    }

    [Fact]
    public async Task A_repository_that_is_not_there_is_named()
    {
        using var hub = new LocalHub(files);
        string message = (await Assert.ThrowsAsync<UserException>(() => Download(hub, repository: "who/nobody"))).Message;
        Assert.Contains("'who/nobody'", message);
        Assert.Single(hub.Requests); // not tried again
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70_000)]
    public async Task A_hub_that_falls_silent_is_asked_again(int after)
    {
        using var hub = new LocalHub(files) { Stalls = (after, 2) };
        await Download(hub, patience: TimeSpan.FromSeconds(1)).WaitAsync(Hang);
        Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)] // in the list
    [InlineData(10_000)] // too little each time to come to an end
    public async Task A_hub_that_stays_silent_is_given_up(int after)
    {
        using var hub = new LocalHub(files) { Stalls = (after, int.MaxValue) };
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => Download(hub, patience: TimeSpan.FromMilliseconds(300)).WaitAsync(Hang));
        Assert.Contains("nothing arrived for 0.3 seconds", failure.Message);
    }

    [Theory]
    [InlineData("a file")]
    [InlineData("a file that is not there")]
    [InlineData("a folder")]
    public async Task A_link_under_the_name_of_a_beginning_is_not_written_through(string to)
    {
        string outside = Directory.CreateTempSubdirectory("diffusion-lsp-outside-").FullName, target = Path.Combine(outside, "precious");
        try
        {
            if (to == "a file") File.WriteAllText(target, "precious");
            if (to == "a folder") Directory.CreateDirectory(target);
            foreach (string name in new[] { "model.safetensors.partial", "config.json" }) File.CreateSymbolicLink(Path.Combine(folder, name), target);
            using var hub = new LocalHub(files);
            await Download(hub);
            Assert.Equal(files["model.safetensors"], File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
            Assert.Null(new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget);
            Assert.Equal(to == "a file" ? "precious" : null, File.Exists(target) ? File.ReadAllText(target) : null);
            Assert.Equal(to == "a file that is not there" ? 0 : 1, Directory.GetFileSystemEntries(outside).Length);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Theory]
    [InlineData(""" "size": 2, "lfs": {"sha256": null} """, "has no checksum")]
    [InlineData(""" "size": 2, "lfs": {"sha256": "abc"} """, "has no checksum")]
    [InlineData(""" "size": 2, "blobId": null """, "has no checksum")]
    [InlineData(""" "size": 2, "blobId": 5 """, "String")]
    [InlineData(""" "size": 2 """, "")]
    [InlineData(""" "size": 9223372036854775807, "lfs": {"sha256": "0000000000000000000000000000000000000000000000000000000000000000"} """, "has a size of 9223372036854775807 bytes")]
    [InlineData(""" "size": 9223372036854775808, "blobId": "0" """, "")]
    [InlineData(""" "size": -1, "blobId": "0" """, "has a size of -1 bytes")]
    [InlineData(""" "size": null, "blobId": "0" """, "")]
    public async Task A_list_that_no_hub_writes_is_one_sentence(string properties, string says)
    {
        using var hub = new LocalHub(files) { List = $$"""{"siblings": [{"rfilename": "model.safetensors", {{properties}}}]}""" };
        string message = (await Assert.ThrowsAsync<UserException>(() => Download(hub))).Message;
        Assert.Contains("does not answer like a model hub", message);
        Assert.Contains(says, message);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task Sizes_that_no_disk_holds_are_counted_right()
    {
        string file = """ "size": 4398046511104, "lfs": {"sha256": "0000000000000000000000000000000000000000000000000000000000000000"}} """;
        using var hub = new LocalHub(files) { List = $$"""{"siblings": [{{string.Join(',', Enumerable.Range(0, 3).Select(i => $$"""{"rfilename": "model-{{i}}.safetensors", {{file}}"""))}}]}""" };
        Assert.Contains("needs 13194.1 GB on disk", (await Assert.ThrowsAsync<UserException>(() => Download(hub))).Message);
    }

    [Theory]
    [InlineData("/who/tiny/resolve/main/config.json")] // to itself, for ever
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/hostname")]
    [InlineData("http://[bad")]
    [InlineData("//")]
    [InlineData("http://")]
    [InlineData("")]
    public async Task A_redirection_that_leads_nowhere_is_an_error_of_the_hub(string location)
    {
        using var hub = new LocalHub(files) { Location = location };
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => Download(hub).WaitAsync(Hang));
        Assert.True(failure is UserException or HttpRequestException, failure.ToString());
        Assert.DoesNotContain(Names(), n => !n.EndsWith(".partial"));
    }

    [Fact]
    public async Task An_error_of_this_machines_disk_is_told_at_once()
    {
        files[new string('n', 300) + ".json"] = [.. "{}"u8]; // no file system takes such a name
        using var hub = new LocalHub(files);
        var download = new CheckpointDownload(new HubClient(http, hub.Address), firstDelay: TimeSpan.FromHours(1));
        await Assert.ThrowsAnyAsync<IOException>(() => download.RunAsync("who/tiny", folder, null, CancellationToken.None).WaitAsync(Hang));
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("Dream-org/DreamOn-v0-7B", true)]
    [InlineData("a", false)]
    [InlineData("a/b/c", false)]
    [InlineData("../b", false)]
    [InlineData("a/..", false)]
    [InlineData("a/b?x", false)]
    [InlineData("a/", false)]
    public void Repositories_are_owner_and_name(string name, bool good) => Assert.Equal(good, ModelVerb.IsRepository(name));

    private Task<long> Download(LocalHub hub, Action<long, long>? progress = null, string repository = "who/tiny", TimeSpan? patience = null) =>
        new CheckpointDownload(new HubClient(http, hub.Address, patience is { } limit ? new Patience(limit) : null), TimeSpan.Zero).RunAsync(repository, folder, progress, CancellationToken.None);

    private string[] Names() => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
