namespace DiffusionLsp.Training.Tests;

/// <summary>Nearest rank.</summary>
public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.51, 4)]
    [InlineData(0.95, 6)]
    [InlineData(1.0, 6)]
    [InlineData(0.01, 1)]
    public void Of_six_values(double share, double expected) => Assert.Equal(expected, Percentiles.Of([6, 1, 5, 2, 4, 3], share));

    [Fact]
    public void Of_nothing_there_is_none() => Assert.True(double.IsNaN(Percentiles.Of([], 0.5)));
}
