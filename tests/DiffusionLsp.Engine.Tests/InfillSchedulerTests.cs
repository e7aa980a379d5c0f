using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tests.Models.Families;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Concurrent requests of several sessions: each gets the result that it gets alone, and joining, leaving and failing leave nothing behind.</summary>
[Trait("tier", "slow")]
public sealed class InfillSchedulerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(c => c.Name)];

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Families))]
    public async Task Every_family_answers_in_company_as_alone(string family)
    {
        using InfillEngine alone = Load(family, active: 1), together = Load(family, active: 4);
        foreach (string decoder in new[] { "auto", "threshold", "vanilla" })
        {
            DecodeOptions options = Options with { Decoder = decoder };
            InfillRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Request(i, $"session {i}"))];
            var expected = new List<string>();
            foreach (InfillRequest request in requests) expected.Add((await alone.InfillAsync(request, options, CancellationToken.None)).Completion);
            using var allAreThere = new ManualResetEventSlim(); // a step that writes waits for it, else the first may have ended before the last comes
            Task<InfillResult>[] filling = [.. requests.Select(r => together.InfillAsync(r with { Progress = _ => !allAreThere.Wait(TimeSpan.FromSeconds(30)) }, options, CancellationToken.None))];
            allAreThere.Set();
            InfillResult[] answers = await Task.WhenAll(filling);
            Assert.Equal(expected, answers.Select(a => a.Completion));
        }
        Assert.True(together.Shared.Forwards > 0, "nothing was shared");
    }

    [Fact]
    public async Task Joining_leaving_and_failing_at_random_leaves_nothing_behind()
    {
        using InfillEngine alone = Load("dream", active: 1), engine = Load("dream", active: 4, waiting: 2000);
        var random = new Random(1);
        string[] expected = [.. await Task.WhenAll(Enumerable.Range(0, 5).Select(async i => (await alone.InfillAsync(Request(i, $"s{i}"), Options, CancellationToken.None)).Completion))];
        var tasks = new List<(int Kind, int Text, Task<InfillResult> Task)>();
        for (int i = 0; i < 1000; i++)
        {
            int kind = random.Next(5), text = random.Next(expected.Length);
            using var source = new CancellationTokenSource();
            DecodeOptions options = kind == 4 ? Options with { Decoder = "learn2pd" } : Options; // no filter comes with this model
            tasks.Add((kind, text, engine.InfillAsync(Request(text, $"s{random.Next(7)}"), options, source.Token)));
            if (kind == 3)
            {
                if (random.Next(2) == 0) await Task.Delay(random.Next(3));
                await source.CancelAsync();
            }
        }
        foreach ((int kind, int text, Task<InfillResult> task) in tasks)
            switch (kind)
            {
                case 4: await Assert.ThrowsAsync<EngineException>(() => task); break;
                case 3: await task.ContinueWith(t => Assert.True(t.IsCanceled || t.Result.Completion == expected[text])); break;
                default: Assert.Equal(expected[text], (await task).Completion); break;
            }
        (int kept, int busy) = await engine.SessionsAsync();
        Assert.Equal(((0, 0), 0), (engine.Requests, busy));
        Assert.InRange(kept, 1, 16);
    }

    [Fact]
    public async Task More_than_may_wait_are_refused()
    {
        using InfillEngine engine = Load("dream", active: 1, waiting: 2);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> first = engine.InfillAsync(Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } }, Options, CancellationToken.None);
        await entered.Task;
        Task<InfillResult>[] waiting = [engine.InfillAsync(Request(1, "b"), Options, CancellationToken.None), engine.InfillAsync(Request(2, "c"), Options, CancellationToken.None)];
        var refused = Assert.Throws<EngineBusyException>(() => { _ = engine.InfillAsync(Request(3, "d"), Options, CancellationToken.None); });
        Assert.Contains("2 requests waiting", refused.Message);
        gate.Set();
        await Task.WhenAll(waiting.Append(first));
    }

    [Fact]
    public async Task Who_has_left_takes_no_place_among_those_who_wait()
    {
        using InfillEngine engine = Load("dream", active: 1, waiting: 2);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> first = engine.InfillAsync(Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } }, Options, CancellationToken.None);
        await entered.Task;
        using var leaving = new CancellationTokenSource();
        Task<InfillResult>[] left = [engine.InfillAsync(Request(1, "b"), Options, leaving.Token), engine.InfillAsync(Request(2, "c"), Options, leaving.Token)];
        await leaving.CancelAsync();
        Task<InfillResult> taken = engine.InfillAsync(Request(1, "d"), Options, CancellationToken.None); // while the decode thread is busy
        foreach (Task<InfillResult> task in left) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        gate.Set();
        await Task.WhenAll(first, taken);
    }

    [Fact]
    public async Task A_newer_request_on_the_same_topic_takes_the_place_of_one_that_waits()
    {
        using InfillEngine engine = Load("dream", active: 1);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> first = engine.InfillAsync(Request(0, "a") with { Topic = "x.cs", Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } }, Options, CancellationToken.None);
        await entered.Task;
        Task<InfillResult> older = engine.InfillAsync(Request(1, "a") with { Topic = "x.cs" }, Options, CancellationToken.None);
        Task<InfillResult> elsewhere = engine.InfillAsync(Request(1, "b") with { Topic = "x.cs" }, Options, CancellationToken.None);
        Task<InfillResult> newer = engine.InfillAsync(Request(2, "a") with { Topic = "x.cs" }, Options, CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => older);
        gate.Set();
        await Task.WhenAll(first, elsewhere, newer);
    }

    [Fact]
    public async Task What_is_made_ahead_of_time_waits_for_nobody_else_replaces_and_refuses_nobody()
    {
        using InfillEngine engine = Load("dream", active: 1, waiting: 1);
        var order = new List<string>();
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> first = Told("first", Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } });
        await entered.Task;
        Task<InfillResult> ahead = Told("ahead", Request(1, "b") with { Background = new BackgroundTicket(), Topic = "x.cs" });
        Assert.Throws<EngineBusyException>(() => { _ = engine.InfillAsync(Request(1, "c") with { Background = new BackgroundTicket() }, Options, CancellationToken.None); });
        Task<InfillResult> typed = Told("typed", Request(2, "c") with { Topic = "x.cs" });
        Assert.True(Assert.Throws<EngineBusyException>(() => { _ = engine.InfillAsync(Request(2, "d"), Options, CancellationToken.None); }) is { IsOwn: false });
        gate.Set();
        await Task.WhenAll(first, typed, ahead);
        Assert.Equal(["first", "typed", "ahead"], order);

        Task<InfillResult> Told(string name, InfillRequest request) => engine.InfillPromptlyAsync(request, Options, CancellationToken.None).ContinueWith(t =>
        {
            order.Add(name);
            return t.Result;
        }, TaskContinuationOptions.ExecuteSynchronously);
    }

    [Theory, InlineData(1), InlineData(4)]
    public async Task What_is_made_ahead_of_time_is_cancelled_when_somebody_comes(int active)
    {
        using InfillEngine engine = Load("dream", active);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> ahead = engine.InfillAsync(Request(0, "a") with { Background = new BackgroundTicket(), Progress = _ => { entered.TrySetResult(); gate.Wait(); return false; } }, Options, CancellationToken.None);
        await entered.Task;
        Task<InfillResult> typed = engine.InfillAsync(Request(1, "b"), Options, CancellationToken.None);
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ahead);
        Assert.NotEmpty((await typed).Completion);
        Assert.Equal((0, 0), engine.Requests);
    }

    [Fact]
    public async Task What_somebody_waits_for_after_all_gives_way_no_more()
    {
        using InfillEngine engine = Load("dream", active: 1);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        BackgroundTicket kept = new(), gone = new();
        Task<InfillResult> wanted = engine.InfillAsync(Request(0, "a") with { Background = kept, Progress = _ => { entered.TrySetResult(); gate.Wait(); return false; } }, Options, CancellationToken.None);
        await entered.Task;
        Assert.True(kept.TryPromote());
        Task<InfillResult> typed = engine.InfillAsync(Request(1, "b"), Options, CancellationToken.None);
        gate.Set();
        await Task.WhenAll(wanted, typed);
        Assert.True(gone.TryGiveWay());
        Assert.False(gone.TryPromote());
    }

    [Fact]
    public async Task A_session_may_wait_only_so_often_while_others_still_may()
    {
        using InfillEngine engine = Load("dream", active: 1, perSession: 2);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        var tasks = new List<Task<InfillResult>> { engine.InfillAsync(Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } }, Options, CancellationToken.None) };
        await entered.Task;
        foreach (string topic in new[] { "x.cs", "y.cs" }) tasks.Add(engine.InfillAsync(Request(1, "a") with { Topic = topic }, Options, CancellationToken.None));
        Assert.True(Assert.Throws<EngineBusyException>(() => { _ = engine.InfillAsync(Request(1, "a") with { Topic = "z.cs" }, Options, CancellationToken.None); }) is { IsOwn: true });
        Task<InfillResult> replaced = tasks[1];
        tasks[1] = engine.InfillAsync(Request(2, "a") with { Topic = "x.cs" }, Options, CancellationToken.None);
        tasks.Add(engine.InfillAsync(Request(1, "b"), Options, CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => replaced);
        gate.Set();
        Assert.All((await Task.WhenAll(tasks)).Skip(1), result => Assert.True(result.Queued > 0));
    }

    [Fact]
    public async Task Who_waits_longer_than_its_budget_is_cancelled_if_waiting_counts()
    {
        using InfillEngine engine = Load("dream", active: 1);
        var entered = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        Task<InfillResult> first = engine.InfillAsync(Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return true; } }, Options, CancellationToken.None);
        await entered.Task;
        Task<InfillResult> patient = engine.InfillAsync(Request(1, "b") with { Budget = TimeSpan.FromTicks(1) }, Options, CancellationToken.None);
        Task<InfillResult> late = engine.InfillAsync(Request(1, "c") with { Budget = TimeSpan.FromTicks(1), BudgetHoldsWaiting = true }, Options, CancellationToken.None);
        Task<InfillResult> inTime = engine.InfillAsync(Request(1, "d") with { Budget = TimeSpan.FromMinutes(5), BudgetHoldsWaiting = true }, Options, CancellationToken.None);
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        await Task.WhenAll(first, patient, inTime);
    }

    [Fact]
    public async Task Every_round_is_told_with_its_rows()
    {
        var rounds = new List<DecodeRound>();
        long prompt, steps;
        using (InfillEngine engine = Load("dream", active: 4, told: rounds.Add))
        {
            var entered = new TaskCompletionSource();
            using var gate = new ManualResetEventSlim();
            Task<InfillResult> first = engine.InfillAsync(Request(0, "a") with { Progress = _ => { entered.TrySetResult(); gate.Wait(); return false; } }, Options, CancellationToken.None);
            await entered.Task;
            Task<InfillResult> second = engine.InfillAsync(Request(1, "b"), Options, CancellationToken.None);
            gate.Set();
            InfillResult[] results = await Task.WhenAll(first, second);
            (prompt, steps) = (results.Sum(r => r.PromptTokens - r.CachedPromptTokens), results.Sum(r => r.Tokens));
        }
        Assert.Equal(2, rounds.Max(r => r.Requests));
        Assert.All(rounds, round => Assert.InRange(round.SessionRoom, round.Requests, 16));
        Assert.True(rounds.Sum(r => r.PromptRows) >= prompt - 2, "each prompt is read at least once, but for the row that scores the first token");
        Assert.True(rounds.Sum(r => r.StepRows) >= steps);
    }

    [Fact]
    public async Task Sessions_stay_within_their_memory_and_the_oldest_make_room()
    {
        using InfillEngine alone = Load("dream", active: 1);
        long most = (await alone.SessionBytesAsync()).One * 7 / 2; // three slots; fewer with more rows
        using InfillEngine engine = Load("dream", active: 4, sessionBytes: most);
        var asked = new List<(int Text, Task<InfillResult> Answer)>();
        for (int i = 0; i < 40; i++) asked.Add((i % 3, engine.InfillAsync(Request(i % 3, $"s{i % 7}"), Options with { Length = i == 20 ? 1000 : Options.Length }, CancellationToken.None)));
        foreach ((int text, Task<InfillResult> answer) in asked.Where((_, i) => i != 20))
            Assert.Equal((await alone.InfillAsync(Request(text, "alone"), Options, CancellationToken.None)).Completion, (await answer).Completion);
        await asked[20].Answer;
        (int kept, int busy) = await engine.SessionsAsync();
        (long all, long one) = await engine.SessionBytesAsync();
        Assert.Equal(0, busy);
        Assert.InRange(kept, 1, most / one); // the long request left room for fewer
        Assert.True(all <= most, $"{all} bytes instead of at most {most}");
    }

    [Fact]
    public async Task Whoever_disposes_it_twice_disposes_it_once()
    {
        InfillEngine engine = Load("dream", active: 1);
        await engine.InfillAsync(Request(0, "a"), Options, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(engine.Dispose))); // freeing twice would end the process
    }

    private static DecodeOptions Options { get; } = new DecodeOptions { Length = 10, BlockLength = 4, Decoder = "threshold" }.With(CommitPolicies.Threshold, 0.3);

    private static InfillRequest Request(int text, string session) => new()
    {
        // Some begin with the question how far the line is indented.
        Prefix = $"int value{text} = {new string((char)('a' + text), 3 + text)}{(text % 3 == 2 ? "{\n " : "")}", Suffix = text % 2 == 0 ? ";\nreturn value;\n" : "", Session = session,
    };

    private InfillEngine Load(string family, int active, int waiting = 64, long? sessionBytes = null, int perSession = 0, Action<DecodeRound>? told = null)
    {
        string path = Path.Combine(folder.Path, family);
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            new GeneratedCheckpoint(FamilyCases.Of(family)).Write(path);
        }
        return InfillEngine.Load(new EngineOptions { ModelFolder = path, Device = "cpu", Threads = 1, PromptTokens = 64, MostActive = active, MostWaiting = waiting, SessionBytes = sessionBytes, MostWaitingPerSession = perSession, Rounds = told });
    }
}
