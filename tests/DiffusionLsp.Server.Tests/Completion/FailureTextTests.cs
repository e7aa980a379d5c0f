using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>One sentence for each failure, and no reference to a log that cannot exist.</summary>
public sealed class FailureTextTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_log_is_named_only_where_one_can_be()
    {
        folder.Write("file", "");
        string below = Path.Combine(folder.Path, "file"), good = Path.Combine(folder.Path, "logs");
        var bug = new InvalidOperationException("It broke.\nBadly.");
        Assert.Equal($"Unexpected failure (It broke. Badly); see the log in {good}.", FailureText.Sentence(bug, good));
        Assert.Equal($"Unexpected failure (It broke. Badly); there is no log, because {below} cannot be written (a file has that name).", FailureText.Sentence(bug, below));
    }

    [Fact]
    public void Files_and_models_are_no_unexpected_failures()
    {
        Assert.Equal("It is so.", FailureText.Sentence(new EngineException("It is so.")));
        Assert.StartsWith("A file could not be used (Too many open files);", FailureText.Sentence(new IOException("Too many open files")));
        Assert.StartsWith("A file could not be used (No);", FailureText.Sentence(new UnauthorizedAccessException("No.")));
    }
}
