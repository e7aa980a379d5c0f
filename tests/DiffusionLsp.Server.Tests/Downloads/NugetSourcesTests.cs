using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.Tests.Downloads;

/// <summary>Reading the feeds in NuGet's configuration.</summary>
public sealed class NugetSourcesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Feeds_come_in_their_order_without_those_that_are_disabled_or_folders()
    {
        IReadOnlyList<NugetSource> sources = Read("""
            <configuration>
              <packageSources>
                <add key="gone" value="https://gone.example/index.json" />
                <clear />
                <add key="b" value="https://b.example/v3/index.json" protocolVersion="3" />
                <add key="local" value="/packages" />
                <add key="off" value="https://off.example/index.json" />
                <add key="with space" value="http://a.example/index.json" />
              </packageSources>
              <disabledPackageSources><add key="off" value="true" /></disabledPackageSources>
              <packageSourceCredentials>
                <with_x0020_space><add key="Username" value="me" /><add key="ClearTextPassword" value="secret" /></with_x0020_space>
              </packageSourceCredentials>
            </configuration>
            """);
        Assert.Equal([("https://b.example/v3/index.json", null), ("http://a.example/index.json", ("me", "secret"))], sources.Select(s => (s.Address.AbsoluteUri, s.Credentials)));
    }

    [Theory]
    [InlineData("<configuration />")]
    [InlineData("<configuration><packageSources><clear /></packageSources></configuration>")]
    public void Without_feeds_it_is_the_public_one(string configuration) => Assert.Equal([NugetSources.Public], Read(configuration).Select(s => s.Address));

    [Fact]
    public void A_variable_is_replaced()
    {
        Environment.SetEnvironmentVariable("DLSP_TEST_FEED", "feed.example");
        Assert.Equal("https://feed.example/index.json", Read("<configuration><packageSources><add key='a' value='https://%DLSP_TEST_FEED%/index.json' /></packageSources></configuration>")[0].Address.AbsoluteUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not XML")]
    public void A_configuration_that_is_none_is_named(string configuration)
    {
        string message = Assert.Throws<UserException>(() => Read(configuration)).Message;
        Assert.Contains("NuGet.Config cannot be read", message);
        Assert.Contains("--source", message);
    }

    private IReadOnlyList<NugetSource> Read(string configuration)
    {
        folder.Write("NuGet.Config", configuration);
        return NugetSources.Read(Path.Combine(folder.Path, "NuGet.Config"));
    }
}
