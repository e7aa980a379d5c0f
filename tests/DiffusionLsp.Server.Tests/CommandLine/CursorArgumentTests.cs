using DiffusionLsp.Server.CommandLine;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>FILE:LINE:COL, and the errors for anything else.</summary>
public class CursorArgumentTests
{
    [Theory]
    [InlineData("a.cs:1:2", "a.cs", 1, 2)]
    [InlineData(@"C:\x\a.cs:10:20", @"C:\x\a.cs", 10, 20)]
    [InlineData("a:b:3:4", "a:b", 3, 4)]
    public void Good(string text, string file, int line, int column) => Assert.Equal(new CursorArgument(file, line, column), CursorArgument.Parse(text));

    [Theory]
    [InlineData("a.cs")]
    [InlineData("a.cs:1")]
    [InlineData("a.cs:0:1")]
    [InlineData("a.cs:1:0")]
    [InlineData("a.cs:x:1")]
    [InlineData(":1:1")]
    [InlineData("a.cs:1:-1")]
    [InlineData("")]
    public void Bad(string text) => Assert.Contains("FILE:LINE:COL", Assert.Throws<UserException>(() => CursorArgument.Parse(text)).Message);

    [Fact]
    public void Places_are_checked_against_the_file()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "ab🙂\r\nc");
            Assert.Equal(4, new CursorArgument(file, 1, 5).Open().Offset);
            Assert.Equal(2, new CursorArgument(file, 1, 4).Open().Offset); // not inside the pair
            Assert.Equal(7, new CursorArgument(file, 2, 2).Open().Offset);
            Assert.Contains("ends at column 5", Assert.Throws<UserException>(() => new CursorArgument(file, 1, 6).Open()).Message);
            Assert.Contains("has 2 lines", Assert.Throws<UserException>(() => new CursorArgument(file, 3, 1).Open()).Message);
            Assert.Contains("no file", Assert.Throws<UserException>(() => new CursorArgument(file + "x", 3, 1).Open()).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
