using System.Collections.Concurrent;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>No engine is disposed while it is in use, and every engine is disposed in the end.</summary>
public sealed class EngineLeaseTests
{
    private static readonly EngineOptions First = new() { ModelFolder = "/first" }, Second = new() { ModelFolder = "/second" };
    private readonly ManualTime time = new();
    private readonly ConcurrentQueue<CountedEngine> engines = new();

    private ModelHost Host(Func<CountedEngine>? load = null) => new((options, _) =>
    {
        CountedEngine engine = load?.Invoke() ?? new CountedEngine();
        engine.Folder = options.ModelFolder;
        engines.Enqueue(engine);
        return engine;
    }, new Listeners(Logger.None), Logger.None, time);

    private static string? FolderOf(EngineLease? lease) => (lease?.Engine as CountedEngine)?.Folder;

    [Fact]
    public async Task After_a_change_of_path_the_old_engine_lives_as_long_as_its_user_and_new_requests_get_the_new_one()
    {
        using ModelHost host = Host();
        host.Ensure(First);
        EngineLease old = (await host.AcquireAsync(default))!, also = host.TryAcquire()!;
        host.Ensure(Second);
        Task<EngineLease?> next = host.AcquireAsync(default);
        await time.ArmedAsync(1); // it waits a while for who uses the old one
        Assert.Null(host.TryAcquire());
        Assert.Single(engines);
        time.Advance(TimeSpan.FromSeconds(2));
        using EngineLease? now = await next;
        Assert.Equal(("/first", "/second"), (FolderOf(old), FolderOf(now)));
        also.Dispose();
        also.Dispose(); // once more does not count
        Assert.False(engines.First().IsDisposed);
        old.Dispose();
        await engines.First().Disposed.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(engines.Last().IsDisposed);
    }

    [Fact]
    public async Task An_engine_that_nobody_uses_is_disposed_before_the_next_is_loaded()
    {
        bool[] wasDisposed = [];
        using ModelHost host = Host(() =>
        {
            wasDisposed = [.. wasDisposed, .. engines.Select(engine => engine.IsDisposed)];
            return new CountedEngine();
        });
        host.Ensure(First);
        (await host.AcquireAsync(default))!.Dispose();
        host.Ensure(Second);
        (await host.AcquireAsync(default))!.Dispose();
        Assert.Equal([true], wasDisposed);
    }

    [Fact]
    public async Task A_user_who_leaves_soon_is_waited_for()
    {
        using ModelHost host = Host();
        host.Ensure(First);
        EngineLease old = (await host.AcquireAsync(default))!;
        host.Ensure(Second);
        await time.ArmedAsync(1);
        old.Dispose();
        using EngineLease? now = await host.AcquireAsync(default);
        Assert.Equal("/second", FolderOf(now));
        Assert.True(engines.First().IsDisposed);
    }

    [Fact]
    public async Task Unloading_for_memory_during_use_disposes_after_the_last_use()
    {
        using ModelHost host = Host();
        host.Ensure(First, new ModelLimits(MemoryBytes: 1));
        EngineLease first = (await host.AcquireAsync(default))!, second = host.TryAcquire()!;
        first.Dispose();
        Assert.Equal(ModelState.Error, host.Status.State);
        Assert.Null(host.TryAcquire());
        Assert.False(engines.Single().IsDisposed);
        second.Dispose();
        await engines.Single().Disposed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_an_old_engine_used_is_not_held_against_the_new_one()
    {
        using ModelHost host = Host();
        host.Ensure(First);
        EngineLease old = (await host.AcquireAsync(default))!;
        host.Ensure(Second, new ModelLimits(MemoryBytes: 1));
        await time.ArmedAsync(1);
        time.Advance(TimeSpan.FromSeconds(2));
        using EngineLease? now = await host.AcquireAsync(default);
        old.Dispose();
        Assert.Equal(ModelState.Ready, host.Status.State);
    }

    [Fact]
    public async Task Who_stops_waiting_for_a_model_gets_no_lease()
    {
        using ManualResetEventSlim loaded = new();
        using ModelHost host = Host(() =>
        {
            loaded.Wait();
            return new CountedEngine();
        });
        host.Ensure(First);
        using var cancel = new CancellationTokenSource();
        Task<EngineLease?> waiting = host.AcquireAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        loaded.Set();
        (await host.AcquireAsync(default))!.Dispose();
        host.Dispose();
        Assert.True(engines.Single().IsDisposed); // at once: nobody uses it
    }

    [Fact]
    public async Task A_host_that_ends_while_it_loads_or_lends_disposes_the_engine_afterwards()
    {
        using ManualResetEventSlim loaded = new();
        ModelHost loading = Host(() =>
        {
            loaded.Wait();
            return new CountedEngine();
        });
        loading.Ensure(First);
        Task<EngineLease?> waiting = loading.AcquireAsync(default);
        loading.Dispose();
        loaded.Set();
        Assert.Null(await waiting);
        await Until(() => engines.Count == 1);
        await engines.Single().Disposed.WaitAsync(TimeSpan.FromSeconds(10));

        ModelHost lending = Host();
        lending.Ensure(First);
        EngineLease lease = (await lending.AcquireAsync(default))!;
        lending.Dispose();
        Assert.False(engines.Last().IsDisposed);
        Assert.Null(await lending.AcquireAsync(default));
        lease.Dispose();
        await engines.Last().Disposed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("ends")]
    [InlineData("fails")]
    [InlineData("is cancelled")]
    [InlineData("refuses at once")]
    public async Task However_a_decode_ends_its_lease_is_given_back(string how)
    {
        var engine = new CountedEngine { Decode = (_, cancellation) => how switch
        {
            "ends" => Task.FromResult("x"),
            "fails" => Task.FromException<string>(new EngineException("It broke; mend it.")),
            "is cancelled" => Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => "", cancellation),
            _ => throw new EngineException("It is closed."),
        } };
        using ModelHost host = Host(() => engine);
        host.Ensure(First);
        (await host.AcquireAsync(default))!.Dispose();
        using var fixture = new SessionFixture(new ScriptedEngine("unused"));
        var session = new CompletionSession(host, fixture.Documents, fixture.Listeners, TimeProvider.System, Logger.None);
        var refills = new RefillSession(host, fixture.Listeners, Logger.None);
        using var cancel = new CancellationTokenSource();
        Task completion = session.CompleteAsync(fixture.At("a = ║"), cancel.Token), refill = refills.RefillAsync(new RefillRequest(fixture.At("b = ║"), 4), cancel.Token);
        await Until(() => engine.Decodes == 2);
        await cancel.CancelAsync();
        await Task.WhenAll(completion, refill).ContinueWith(_ => { }, TaskScheduler.Default);
        host.Dispose();
        await engine.Disposed.WaitAsync(TimeSpan.FromSeconds(10)); // so nobody has a lease
    }

    [Fact]
    public async Task After_a_thousand_random_uses_unloads_and_cancels_nothing_is_left()
    {
        var random = new Random(1);
        var pause = new ModelLimits(TimeSpan.FromMinutes(1));
        ModelHost host = Host(() => new CountedEngine { Decode = (_, _) => Task.FromResult("x") });
        host.Ensure(First, pause);
        var leases = new List<EngineLease>();
        var waiting = new List<(Task<EngineLease?> Lease, CancellationTokenSource Cancel)>();
        for (int i = 0; i < 1_000; i++)
        {
            switch (random.Next(8))
            {
                case 0 or 1:
                    var cancel = new CancellationTokenSource();
                    waiting.Add((host.AcquireAsync(cancel.Token), cancel));
                    break;
                case 2 when host.TryAcquire() is { } lease:
                    leases.Add(lease);
                    break;
                case 3 when leases.Count > 0:
                    int which = random.Next(leases.Count);
                    leases[which].Dispose();
                    leases.RemoveAt(which);
                    break;
                case 4 when waiting.Count > 0:
                    await waiting[random.Next(waiting.Count)].Cancel.CancelAsync();
                    break;
                case 5:
                    host.Ensure(random.Next(2) == 0 ? First : Second, pause);
                    break;
                case 6:
                    time.Advance(TimeSpan.FromSeconds(random.Next(90)));
                    break;
                default:
                    foreach (EngineLease held in leases) Assert.Equal("x", (await held.Engine.InfillAsync(new InfillRequest { Prefix = "", Suffix = "" }, new DecodeOptions(), default)).Completion);
                    break;
            }
            if (random.Next(20) == 0) await Task.Yield();
        }
        Assert.All(leases, held => Assert.False(((CountedEngine)held.Engine).IsDisposed));
        foreach ((Task<EngineLease?> lease, CancellationTokenSource cancel) in waiting)
        {
            Task ended = lease.ContinueWith(_ => { }, TaskScheduler.Default);
            while (!ended.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(2)); // whoever still uses an old engine
                await Task.Yield();
            }
            if (lease.IsCompletedSuccessfully) (await lease)?.Dispose();
            cancel.Dispose();
        }
        foreach (EngineLease held in leases) held.Dispose();
        host.Dispose();
        Assert.True(engines.Count > 10, $"{engines.Count} engines");
        await Task.WhenAll(engines.Select(engine => engine.Disposed)).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.All(engines, engine => Assert.Equal(1, engine.Disposals));
    }

    private static async Task Until(Func<bool> isSo)
    {
        for (int i = 0; i < 2_000 && !isSo(); i++) await Task.Delay(5);
        Assert.True(isSo());
    }

    /// <summary>An engine that counts its uses and rejects use after its end.</summary>
    private sealed class CountedEngine : ICompletionEngine
    {
        private readonly TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int decodes, disposals;

        public string? Folder { get; set; }

        public Func<InfillRequest, CancellationToken, Task<string>> Decode { get; init; } = (_, _) => Task.FromResult("");

        public int Decodes => decodes;

        public int Disposals => disposals;

        public bool IsDisposed => disposals > 0;

        public Task Disposed => disposed.Task;

        public ModelSummary Model { get; } = new("counted", "/nowhere", "none", 0, 0, "cpu", "asked for", "float32", 1);

        public Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Interlocked.Increment(ref decodes);
            Task<string> text = Decode(request, cancellation);
            return ResultAsync(text);
        }

        public async Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
            new(await InfillAsync(request, options, cancellation), options, []);

        public void Dispose()
        {
            Interlocked.Increment(ref disposals);
            disposed.TrySetResult();
        }

        private static async Task<InfillResult> ResultAsync(Task<string> text) => new()
        {
            Completion = await text, StopReason = StopReason.EndOfText, Forwards = 1, Tokens = 1, PromptTokens = 1, CachedPromptTokens = 0, Timings = default,
        };
    }
}
