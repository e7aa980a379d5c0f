using System.Net;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>Configurations that the server rejects, and which requests are authorised.</summary>
public sealed class ServeSecurityTests
{
    private const string Key = "0123456789abcdef";
    private static readonly ApiKeys Keys = ApiKeys.Parse($"# team\nalice {Key}\nbob fedcba9876543210\n");

    [Theory]
    [InlineData("127.0.0.1:8012", false, false, false, true)]
    [InlineData("[::1]:8012", false, false, false, true)]
    [InlineData("0.0.0.0:8012", false, false, false, false)]
    [InlineData("0.0.0.0:8012", true, false, false, false)]
    [InlineData("0.0.0.0:8012", false, true, false, false)]
    [InlineData("0.0.0.0:8012", true, true, false, true)]
    [InlineData("192.0.2.1:8012", true, false, true, true)]
    [InlineData("[::]:8012", false, false, true, false)]
    public void Off_the_loopback_a_key_and_encryption_are_needed(string listen, bool keys, bool certificate, bool proxy, bool starts)
    {
        var options = new ServeOptions { Listen = IPEndPoint.Parse(listen), Keys = keys ? Keys : ApiKeys.None, Certificate = certificate ? "c.pem" : null, IsBehindProxy = proxy };
        Assert.Equal(starts, options.Refusal() is null);
    }

    [Theory]
    [InlineData(Key, "alice")]
    [InlineData("fedcba9876543210", "bob")]
    [InlineData("0123456789abcdeF", null)]
    [InlineData("", null)]
    public void A_key_has_one_owner(string key, string? owner) => Assert.Equal(owner, Keys.Owner(key));

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("alice short")]
    [InlineData("only-a-key-0123456789")]
    public void Bad_keys_are_refused_and_not_repeated(string text)
    {
        var refusal = Assert.Throws<UserException>(() => ApiKeys.Parse(text));
        Assert.All(text.Split(' '), word => Assert.True(word.Length < 5 || !refusal.Message.Contains(word)));
    }
}
