using System.Text.Json;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Tests.Completion;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Metrics;

/// <summary>From suggestion outcomes to counts, and from counts to what is shown.</summary>
public sealed class AcceptanceLearnerTests : IDisposable
{
    private static readonly ConfidenceThresholds Own = new(0.2, 0.45, 0.7);

    private readonly string folder = Directory.CreateTempSubdirectory("dlsp-").FullName;
    private readonly CollectedLog log = new();
    private readonly SessionFixture fixture = new(new ScriptedEngine(""));
    private readonly Logger logger;
    private readonly PostResponseQueue queue;
    private readonly AcceptanceFile file;
    private string? model = "nano";

    public AcceptanceLearnerTests()
    {
        queue = new PostResponseQueue(logger = log.Create());
        file = new AcceptanceFile(folder);
    }

    private AcceptanceLearner Learner() => new(file, () => model, fixture.Listeners, queue, logger);

    private TrackedSuggestion Tracked(double confidence = 0.63, CompletionTrigger trigger = CompletionTrigger.Automatic) =>
        new(fixture.At("a = ║", trigger), new Suggestion("b;", null) { Confidence = confidence }, TimeSpan.FromSeconds(1));

    private void End(SuggestionOutcome outcome, TrackedSuggestion? tracked = null)
    {
        fixture.Listeners.Tell(new SuggestionEnded(tracked ?? Tracked(), outcome, 2));
        queue.Finish();
    }

    private AcceptanceBucket Bucket => file.Read().Counts.GetValueOrDefault("nano", AcceptanceCounts.None).Buckets[6];

    [Fact]
    public void Accepted_and_typed_are_kept_dismissed_is_not_and_a_part_is_no_end()
    {
        Learner();
        End(SuggestionOutcome.Accepted);
        fixture.Listeners.Tell(new SuggestionTyped(Tracked()));
        End(SuggestionOutcome.PartiallyAccepted);
        End(SuggestionOutcome.Dismissed);
        Assert.Equal((3, 2), (Bucket.Shown, Bucket.Kept));
        Assert.Equal(3 * 0.63, Bucket.Expected, 9);
    }

    [Fact]
    public void Nothing_is_counted_by_hand_without_a_model_or_a_confidence_or_when_it_is_off()
    {
        Learner();
        End(SuggestionOutcome.Accepted, Tracked(trigger: CompletionTrigger.Invoked));
        End(SuggestionOutcome.Accepted, Tracked(confidence: 1));
        foreach (ServerSettings off in new[] { fixture.Settings with { LearnFromUse = false }, fixture.Settings with { Metrics = false } })
        {
            fixture.Settings = off;
            End(SuggestionOutcome.Accepted);
        }
        fixture.Settings = new ServerSettings();
        model = null;
        End(SuggestionOutcome.Accepted);
        Assert.False(File.Exists(file.Path));
    }

    [Fact]
    public void What_is_kept_moves_the_thresholds_of_this_model_until_it_is_off_or_forgotten()
    {
        AcceptanceLearner learner = Learner();
        for (int i = 0; i < LearnedThresholds.Enough; i++)
        {
            Assert.Equal(Own, learner.Of(Own, fixture.Settings));
            End(SuggestionOutcome.Accepted, Tracked(confidence: 0.46));
        }
        Assert.True(learner.Of(Own, fixture.Settings).Balanced < Own.Balanced);
        Assert.Equal(learner.Of(Own, fixture.Settings), Learner().Of(Own, fixture.Settings)); // and after a restart
        Assert.Equal(Own, learner.Of(Own, fixture.Settings with { LearnFromUse = false }));
        Assert.Equal(Own, learner.Of(Own, fixture.Settings with { Metrics = false }));
        model = "other";
        Assert.Equal(Own, learner.Of(Own, fixture.Settings));
        model = "nano";
        Assert.Null(file.Delete());
        fixture.Listeners.Tell(new SuggestionTyped(Tracked(confidence: 0.46)));
        queue.Finish();
        Assert.Equal(Own, learner.Of(Own, fixture.Settings));
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_damaged_file_is_told_once_and_replaced()
    {
        File.WriteAllText(file.Path, "{");
        Learner();
        End(SuggestionOutcome.Accepted);
        End(SuggestionOutcome.Accepted);
        Assert.Equal(2, Bucket.Shown);
        Assert.Contains("learning starts again", Assert.Single(log.Lines).RenderMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task The_server_shows_what_this_user_keeps(bool learns, int items)
    {
        var engine = new ScriptedEngine("second") { Confidence = new SuggestionConfidence([new(6, 0.42)], Own) };
        var kept = new AcceptanceCounts([.. AcceptanceCounts.None.Buckets.Select((b, i) => i == 4 ? new AcceptanceBucket(90, 90, 40) : b)]);
        Assert.Null(file.Write(new Dictionary<string, AcceptanceCounts> { [engine.Model.Name] = kept }));
        await using var client = new TestClient((_, _) => engine, with: options => options with { Metrics = new MetricsFolder(folder) });
        await client.StartAsync(null, new { debounceMs = 0, prefetch = false, learnFromUse = learns });
        JsonElement answer = await client.CompleteAsync("x = ║");
        Assert.Equal(items, answer.GetProperty("items").GetArrayLength());
    }

    public void Dispose()
    {
        fixture.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
