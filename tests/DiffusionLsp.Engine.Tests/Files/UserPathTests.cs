using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>A tilde is the home folder where a shell would expand it, and only there.</summary>
public sealed class UserPathTests
{
    [Fact]
    public void The_home_folder_is_a_full_path() => Assert.True(Path.IsPathFullyQualified(UserPath.Home));

    [Theory]
    [InlineData("~", "")]
    [InlineData("~/", "")]
    [InlineData("~/models", "models")]
    [InlineData("~//models/x", "models/x")]
    public void A_tilde_is_the_home_folder(string path, string inHome) => Assert.Equal(Path.Combine(UserPath.Home, inHome), UserPath.Expand(path));

    [Theory]
    [InlineData("")]
    [InlineData("~user/models")]
    [InlineData("~~")]
    [InlineData("a/~/b")]
    [InlineData("./~")]
    [InlineData("/models")]
    public void Elsewhere_it_is_a_character(string path) => Assert.Equal(path, UserPath.Expand(path));

    [Fact]
    public void Relative_paths_begin_at_a_folder_and_full_ones_and_the_empty_one_do_not()
    {
        Assert.Equal(Path.Combine("/w", "models"), UserPath.From("models", "/w"));
        Assert.Equal("models", UserPath.From("models", null));
        Assert.Equal(Path.GetFullPath("/models"), Path.GetFullPath(UserPath.From("/models", "/w")));
        Assert.Equal(Path.Combine(UserPath.Home, "x"), UserPath.From("~/x", "/w"));
        Assert.Equal("", UserPath.From("", "/w"));
    }
}
