using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>A stamp changes with names, lengths and times, and with nothing else.</summary>
public class FolderStampTests
{
    [Fact]
    public void Every_change_shows_and_none_does_not()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "config.json"), link = Path.Combine(folder.Path, "model.safetensors");
        var stamps = new List<string> { FolderStamp.Of(Path.Combine(folder.Path, "nowhere")), FolderStamp.Of(folder.Path) };
        void Look()
        {
            stamps.Add(FolderStamp.Of(folder.Path));
            Assert.Equal(stamps[^1], FolderStamp.Of(folder.Path));
        }
        File.WriteAllText(file, "a");
        Look();
        File.WriteAllText(file, "ab");
        Look();
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1));
        Look();
        File.CreateSymbolicLink(link, Path.Combine(folder.Path, "..", Path.GetFileName(folder.Path) + "-blob"));
        Look();
        File.WriteAllText(Path.Combine(folder.Path, "..", Path.GetFileName(folder.Path) + "-blob"), "weights");
        Look();
        File.Delete(Path.Combine(folder.Path, "..", Path.GetFileName(folder.Path) + "-blob"));
        File.Delete(file);
        Look();
        Assert.Equal(stamps.Count, stamps.Distinct().Count());
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("")]
    public void A_path_that_is_none_has_a_stamp(string path) => Assert.NotEmpty(FolderStamp.Of(path));
}
