using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.Tests.Downloads;

/// <summary>Downloading against a hub on this machine: whole, continued, tried again, and refused when it is not what was promised.</summary>
public sealed class CheckpointDownloadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("diffusion-lsp-test-").FullName;
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
        Assert.Contains("arrived damaged", (await Assert.ThrowsAsync<UserException>(() => Download(hub))).Message);
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
    [InlineData("a/b", true)]
    [InlineData("Dream-org/DreamOn-v0-7B", true)]
    [InlineData("a", false)]
    [InlineData("a/b/c", false)]
    [InlineData("../b", false)]
    [InlineData("a/..", false)]
    [InlineData("a/b?x", false)]
    [InlineData("a/", false)]
    public void Repositories_are_owner_and_name(string name, bool good) => Assert.Equal(good, ModelVerb.IsRepository(name));

    private Task<long> Download(LocalHub hub, Action<long, long>? progress = null, string repository = "who/tiny") =>
        new CheckpointDownload(new HubClient(http, hub.Address), TimeSpan.Zero).RunAsync(repository, folder, progress, CancellationToken.None);

    private string[] Names() => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
