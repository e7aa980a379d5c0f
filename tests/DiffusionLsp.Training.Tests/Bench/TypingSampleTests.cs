using DiffusionLsp.Training.Bench;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary>The samples are there, long enough, and typed from left to right.</summary>
public sealed class TypingSampleTests
{
    [Fact]
    public void There_is_one_per_language() =>
        Assert.Equal([".cs", ".py", ".ts"], TypingSample.All.Select(s => Path.GetExtension(s.Path)).Order());

    [Fact]
    public void Each_fills_a_context_of_512_tokens() => Assert.All(TypingSample.All, sample =>
    {
        // Code has three to four characters per token; a quarter of the context is for the text after the cursor.
        Assert.InRange(sample.Before.Length, 512 * 4, 100_000);
        Assert.InRange(sample.After.Length, 128 * 4, 100_000);
        Assert.InRange(sample.Typed.Length, 40, 300);
    });

    [Fact]
    public void Every_keystroke_adds_one_character()
    {
        TypingSample sample = TypingSample.All[0];
        string[] prefixes = [.. sample.Prefixes];
        Assert.Equal(sample.Before + sample.Typed[..1], prefixes[0]);
        Assert.Equal(sample.Before + sample.Typed, prefixes[^1]);
        Assert.Equal(sample.Typed.Length, prefixes.Length);
    }
}
