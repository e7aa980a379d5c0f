using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.Tests.Downloads;

/// <summary>Downloads of libtorch from local feeds: extracted and verified, resumed, taken from the next feed, and rejected if the content is not the expected one.</summary>
[Trait("tier", "slow")]
public sealed class LibtorchDownloadTests : IDisposable
{
    private const string Address = "/v3/index.json";
    private static readonly byte[] Large = RandomNumberGenerator.GetBytes(300_000), Small = [.. "small"u8];

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();
    private readonly LibtorchPackage package = new("test-x64", [Of("libtorch_cpu.so", Large), Of("libc10.so", Small)]);
    private readonly LocalHub feed = new([]);

    public LibtorchDownloadTests()
    {
        Index(feed);
        feed.Others[PackagePath] = Zip(("runtimes/test-x64/native/libtorch_cpu.so", Large), ("runtimes/test-x64/native/libc10.so", Small), ("runtimes/test-x64/native/libtorch_python.so", Large), ("LICENSE-LIBTORCH.txt", [.. "licence"u8]));
    }

    public void Dispose()
    {
        feed.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    private string PackagePath => $"/flat/{package.Id}/{LibtorchPackage.Version}/{package.Id}.{LibtorchPackage.Version}.nupkg";

    private string Folder => Path.Combine(folder.Path, $"cpu-{LibtorchPackage.Version}-test-x64");

    [Fact]
    public async Task What_is_needed_is_unpacked_and_nothing_else_stays()
    {
        (string where, long fetched) = await Fetch(feed);
        Assert.Equal((Folder, feed.Others[PackagePath].Length), (where, fetched));
        Assert.Equal(["LICENSE-LIBTORCH.txt", "libc10.so", "libtorch_cpu.so"], Names(Folder));
        Assert.Equal(Large, File.ReadAllBytes(Path.Combine(Folder, "libtorch_cpu.so")));
        Assert.Equal([Path.GetFileName(Folder)], Names(folder.Path));
    }

    [Fact]
    public async Task What_is_there_is_not_downloaded_again_unless_it_is_damaged()
    {
        await Fetch(feed);
        int before = feed.Requests.Count;
        Assert.Equal(0, (await Fetch(feed)).Fetched);
        Assert.Equal(before, feed.Requests.Count);
        File.WriteAllText(Path.Combine(Folder, "libc10.so"), "smalx");
        Assert.NotEqual(0, (await Fetch(feed)).Fetched);
        Assert.Equal(Small, File.ReadAllBytes(Path.Combine(Folder, "libc10.so")));
    }

    [Fact]
    public async Task A_broken_connection_is_continued_where_it_broke()
    {
        feed.Breaks = (70_000, 2);
        await Fetch(feed);
        Assert.Equal(Large, File.ReadAllBytes(Path.Combine(Folder, "libtorch_cpu.so")));
        Assert.Equal(2, feed.Requests.Count(request => request.Contains("bytes=")));
    }

    [Fact]
    public async Task An_earlier_run_is_continued()
    {
        File.WriteAllBytes(Path.Combine(folder.Path, Path.GetFileName(PackagePath) + ".partial"), feed.Others[PackagePath][..123_456]);
        Assert.Equal(feed.Others[PackagePath].Length - 123_456, (await Fetch(feed)).Fetched);
        Assert.Contains($"{PackagePath} bytes=123456-", feed.Requests);
        Assert.Equal(Large, File.ReadAllBytes(Path.Combine(Folder, "libtorch_cpu.so")));
    }

    [Fact]
    public async Task The_next_feed_is_asked_when_one_has_it_not()
    {
        using var empty = new LocalHub([]);
        Index(empty);
        using var none = new LocalHub([]);
        none.Others[Address] = [.. "<html>"u8];
        await Fetch(none, empty, feed);
        Assert.Equal(Large, File.ReadAllBytes(Path.Combine(Folder, "libtorch_cpu.so")));
    }

    [Fact]
    public async Task Feeds_that_have_it_not_are_named_in_one_sentence()
    {
        using var empty = new LocalHub([]);
        Index(empty);
        string message = (await Assert.ThrowsAsync<UserException>(() => Fetch(empty))).Message;
        Assert.Contains($"{package.Id} {LibtorchPackage.Version} could not be downloaded (127.0.0.1: ", message);
        Assert.Contains("404", message);
        Assert.Contains("--source", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"resources": [{"@type": 5}]}""")]
    [InlineData("""{"resources": [{"@type": "SearchQueryService", "@id": "http://127.0.0.1/"}]}""")]
    [InlineData("""{"resources": [{"@type": "PackageBaseAddress/3.0.0", "@id": "file:///etc/"}]}""")]
    public async Task An_index_that_no_feed_writes_is_one_sentence(string index)
    {
        feed.Others[Address] = Encoding.UTF8.GetBytes(index);
        Assert.Contains("could not be downloaded (127.0.0.1: it ", (await Assert.ThrowsAsync<UserException>(() => Fetch(feed))).Message);
    }

    [Theory]
    [InlineData("another file", "the checksum of libtorch_cpu.so is wrong")]
    [InlineData("a longer file", "libtorch_cpu.so is 300001 bytes long instead of 300000")]
    [InlineData("no file", "libtorch_cpu.so is missing")]
    [InlineData("no archive", "it is not an archive")]
    public async Task What_is_not_as_expected_is_thrown_away(string what, string says)
    {
        byte[] whole = feed.Others[PackagePath];
        byte[] another = [.. Large];
        another[^1] ^= 1;
        feed.Others[PackagePath] = what switch
        {
            "another file" => Zip(("runtimes/test-x64/native/libtorch_cpu.so", another), ("runtimes/test-x64/native/libc10.so", Small)),
            "a longer file" => Zip(("runtimes/test-x64/native/libtorch_cpu.so", [.. Large, 0]), ("runtimes/test-x64/native/libc10.so", Small)),
            "no file" => Zip(("runtimes/test-x64/native/libc10.so", Small)),
            _ => RandomNumberGenerator.GetBytes(1000),
        };
        Assert.Contains($"was damaged in transfer ({says})", (await Assert.ThrowsAsync<UserException>(() => Fetch(feed))).Message);
        Assert.Empty(Names(folder.Path));
        feed.Others[PackagePath] = whole;
        await Fetch(feed);
        Assert.Equal(Large, File.ReadAllBytes(Path.Combine(Folder, "libtorch_cpu.so")));
    }

    /// <summary>Packages may be on another host; here it is the same machine under another name.</summary>
    [Fact]
    public async Task A_password_is_for_the_feed_alone()
    {
        feed.Others[Address] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(feed.Others[Address]).Replace("127.0.0.1", "localhost"));
        var source = new NugetSource(new Uri(feed.Address, Address)) { Credentials = ("me", "secret") };
        await new LibtorchDownload(http, package, folder.Path, Patience.Usual, TimeSpan.Zero).RunAsync([source], (_, _) => { }, CancellationToken.None);
        Assert.Contains(PackagePath, feed.Requests);
        Assert.Equal([$"{Address} Basic {Convert.ToBase64String("me:secret"u8)}"], feed.Authorized);
    }

    private Task<(string Folder, long Fetched)> Fetch(params LocalHub[] feeds) =>
        new LibtorchDownload(http, package, folder.Path, new Patience(TimeSpan.FromSeconds(10)), TimeSpan.Zero).RunAsync([.. feeds.Select(f => new NugetSource(new Uri(f.Address, Address)))], (_, _) => { }, CancellationToken.None);

    private static void Index(LocalHub hub) =>
        hub.Others[Address] = Encoding.UTF8.GetBytes($$"""{"version": "3.0.0", "resources": [{"@id": "{{hub.Address}}flat/", "@type": "PackageBaseAddress/3.0.0"}]}""");

    private static LibtorchFile Of(string name, byte[] content) => new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return archive.ToArray();
    }

    private static string[] Names(string path) => [.. Directory.GetFileSystemEntries(path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
}
