using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>What is rejected before anything is sent, with cause and cure; and the addresses of endpoints.</summary>
public sealed class RemoteOptionsTests
{
    [Theory]
    [InlineData("gpu-box", "not the address of an engine")]
    [InlineData("gpu-box:8012", "not the address of an engine")]
    [InlineData("ftp://gpu-box", "not the address of an engine")]
    [InlineData("http://", "not the address of an engine")]
    [InlineData("https://me:secret@gpu-box", "contains a password")]
    [InlineData("https://gpu-box?key=secret", "ends with a query")]
    [InlineData("http://gpu-box:8012", "unencrypted to gpu-box:8012")]
    [InlineData("http://models.example", "unencrypted to models.example")]
    public void An_address_that_is_none_or_would_leak_is_refused(string url, string expected)
    {
        string message = Assert.Throws<EngineException>(() => RemoteAddress.Of(new RemoteOptions { Url = url })).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain("secret", message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8012", false)]
    [InlineData("http://localhost:8012/", false)]
    [InlineData("http://[::1]:8012", false)]
    [InlineData("https://gpu-box", false)]
    [InlineData("http://gpu-box:8012", true)]
    public void The_loopback_encrypted_and_trusted_addresses_are_taken(string url, bool insecure) => Assert.NotNull(RemoteAddress.Of(new RemoteOptions { Url = url, Insecure = insecure }));

    [Theory]
    [InlineData("https://h", "https://h/v1/completions", "https://h/props")]
    [InlineData("https://h/", "https://h/v1/completions", "https://h/props")]
    [InlineData("https://h/v1", "https://h/v1/completions", "https://h/v1/props")]
    [InlineData("https://h/beta/", "https://h/beta/completions", "https://h/beta/props")]
    public void Endpoints_lie_below_the_address(string url, string completions, string props)
    {
        RemoteAddress address = RemoteAddress.Of(new RemoteOptions { Url = url });
        Assert.Equal((completions, props), (address.AtVersioned("completions").AbsoluteUri, address.At("props").AbsoluteUri));
    }

    [Fact]
    public void A_key_comes_from_a_variable_or_a_file_and_is_never_repeated()
    {
        using var folder = new TemporaryFolder();
        string Path(string name, string text) => new Uri(folder.Write(name, text)).LocalPath;
        Assert.Equal("abc-123", RemoteKey.Of(new RemoteOptions { KeyFile = Path("key", "abc-123\n") }));
        Assert.Null(RemoteKey.Of(new RemoteOptions()));
        Environment.SetEnvironmentVariable("DLSP_TEST_KEY", "from-variable");
        Assert.Equal("from-variable", RemoteKey.Of(new RemoteOptions { KeyVariable = "DLSP_TEST_KEY" }));
        foreach (RemoteOptions bad in new RemoteOptions[]
        {
            new() { KeyVariable = "DLSP_NO_SUCH_KEY" }, new() { KeyFile = Path("empty", " \n") }, new() { KeyFile = Path("two", "secret one\nsecret two\n") },
            new() { KeyFile = folder.Path }, new() { KeyFile = folder.Path + "/none" },
        })
        {
            string message = Assert.Throws<EngineException>(() => RemoteKey.Of(bad)).Message;
            Assert.Contains("diffusionLsp.remoteKey", message);
            Assert.DoesNotContain("secret", message);
        }
    }

    [Fact]
    public void Marks_must_be_named_for_an_engine_that_wants_them()
    {
        Assert.Contains("remoteTemplate", Assert.Throws<EngineException>(() => RemoteKinds.Named(new RemoteOptions { Kind = "template" })).Message);
        Assert.All(RemoteKinds.Templates.Skip(1), family => Assert.NotNull(RemoteKinds.Named(new RemoteOptions { Kind = "template", Template = family })));
        Assert.All(RemoteKinds.Names.Except(["auto", "template"]), kind => Assert.Equal(kind, RemoteKinds.Named(new RemoteOptions { Kind = kind })!.Name));
    }
}
