using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Handlers;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>Both numberings, told apart by what the client has sent so far. I: invoked, A: automatic.</summary>
public class TriggerKindsTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 1 }, "IAI")]
    [InlineData(new[] { 0, 1, 0 }, "IAI")]
    [InlineData(new[] { 1, 1, 0, 1 }, "IIIA")]
    [InlineData(new[] { 0, 1, 2, 1 }, "IAAI")]
    [InlineData(new[] { 7, -1 }, "AA")]
    public void Kinds(int[] sent, string expected)
    {
        var kinds = new TriggerKinds();
        Assert.Equal(expected, string.Concat(sent.Select(kind => kinds.Read(kind) == CompletionTrigger.Invoked ? 'I' : 'A')));
    }
}
