namespace DiffusionLsp.Engine.Tests;

/// <summary>Small files are read whole without their mark; large ones are not read at all.</summary>
public sealed class SmallFileTests
{
    [Fact]
    public void A_byte_order_mark_is_no_content()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.json"), "\uFEFF{}");
        Assert.Equal("{}"u8.ToArray(), SmallFile.Read(folder.File("a.json")));
    }

    [Fact]
    public void A_large_file_is_refused_unread()
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.File("a.json"))) file.SetLength(1L << 30); // all of it a hole
        Assert.Contains("larger than", Assert.Throws<InvalidDataException>(() => SmallFile.Read(folder.File("a.json"))).Message);
    }
}
