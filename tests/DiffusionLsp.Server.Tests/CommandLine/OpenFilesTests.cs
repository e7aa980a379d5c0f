using DiffusionLsp.Server.CommandLine;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>Which limits on open files are too low.</summary>
public sealed class OpenFilesTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(159, true)]
    [InlineData(160, false)]
    [InlineData(ulong.MaxValue, false)]
    public void Too_low_is_a_sentence_with_the_number(ulong limit, bool isTooLow)
    {
        string? problem = OpenFiles.Problem(limit);
        Assert.Equal(isTooLow, problem is not null);
        if (isTooLow) Assert.Contains($"is {limit}, but", problem);
        Assert.Null(OpenFiles.Problem(null));
    }
}
