using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>A model is unloaded when it is idle, loaded again when it is needed, and stays below a memory limit.</summary>
public class ModelHostTests
{
    private static readonly ModelLimits Quarter = new(TimeSpan.FromMinutes(15));
    private readonly ManualTime time = new();
    private readonly Listeners listeners = new(Logger.None);
    private int loads;

    /// <summary>Whether an engine can be leased; the lease is returned at once.</summary>
    private static async Task<bool> IsLentAsync(ModelHost host)
    {
        using EngineLease? lease = await host.AcquireAsync(default);
        return lease is not null;
    }

    private ModelHost Host() => new((_, _) =>
    {
        loads++;
        return new ScriptedEngine("x");
    }, listeners, Logger.None, time);

    [Fact]
    public async Task An_idle_model_is_unloaded_and_the_next_event_brings_it_back()
    {
        using ModelHost host = Host();
        host.Ensure(new EngineOptions(), Quarter);
        Assert.True(await IsLentAsync(host));
        time.Advance(TimeSpan.FromMinutes(14));
        host.Touch();
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(ModelState.Ready, host.Status.State);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ModelState.Unloaded, host.Status.State);
        Assert.Contains("15 minutes", host.Status.Message);
        host.Touch();
        Assert.True(await IsLentAsync(host));
        Assert.Equal((ModelState.Ready, 2), (host.Status.State, loads));
    }

    [Fact]
    public async Task Progress_is_told_now_and_then()
    {
        var told = new List<(ModelState, double?)>();
        listeners.On<ModelStatus>(status => told.Add((status.State, status.Progress)));
        using var host = new ModelHost((_, progress) =>
        {
            progress!(0.1);
            foreach (double share in new[] { 0.2, 0.424, 0.5, 0.9 })
            {
                time.Advance(TimeSpan.FromMilliseconds(60));
                progress(share);
            }
            return new ScriptedEngine("x");
        }, listeners, Logger.None, time);
        host.Ensure(new EngineOptions());
        Assert.True(await IsLentAsync(host));
        Assert.Equal([(ModelState.Loading, null), (ModelState.Loading, 0.42), (ModelState.Loading, 0.9), (ModelState.Ready, null)], told);
    }

    [Fact]
    public async Task A_model_in_use_is_not_idle()
    {
        using ModelHost host = Host();
        host.Ensure(new EngineOptions(), Quarter);
        using (await host.AcquireAsync(default))
        {
            time.Advance(TimeSpan.FromMinutes(20));
            Assert.Equal(ModelState.Ready, host.Status.State);
        }
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(ModelState.Unloaded, host.Status.State);
    }

    [Fact]
    public async Task Nothing_ticks_without_a_limit_and_one_timer_with_it()
    {
        using ModelHost host = Host();
        host.Ensure(new EngineOptions());
        Assert.True(await IsLentAsync(host));
        Assert.Equal(0, time.Armed);
        host.Ensure(new EngineOptions(), Quarter);
        Assert.Equal((1, 1), (time.Armed, loads));
    }

    [Fact]
    public async Task Above_the_memory_limit_the_model_goes_until_the_limit_changes()
    {
        using ModelHost host = Host();
        host.Ensure(new EngineOptions(), new ModelLimits(MemoryBytes: 1 << 20));
        Assert.True(await IsLentAsync(host)); // looked at when it is given back
        Assert.Equal(ModelState.Error, host.Status.State);
        Assert.Contains("memoryLimitMegabytes is 1", host.Status.Message);
        host.Touch();
        Assert.False(await IsLentAsync(host));
        host.Ensure(new EngineOptions(), new ModelLimits(MemoryBytes: 1L << 40));
        Assert.True(await IsLentAsync(host));
        Assert.Equal(ModelState.Ready, host.Status.State);
    }

    [Fact]
    public async Task Weights_above_the_memory_limit_are_not_even_read()
    {
        string folder = Directory.CreateTempSubdirectory("dlsp-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), new byte[3 << 20]);
            using ModelHost host = Host();
            host.Ensure(new EngineOptions { ModelFolder = folder }, new ModelLimits(MemoryBytes: 2 << 20));
            Assert.False(await IsLentAsync(host));
            Assert.Equal(("The model's files take up 3 MB, but the setting diffusionLsp.memoryLimitMegabytes is 2; raise it, or set diffusionLsp.modelPath to a smaller model.", 0), (host.Status.Message, loads));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_that_failed_is_tried_again_when_it_changes()
    {
        using var folder = new TemporaryFolder();
        bool isWhole = false;
        using var host = Failing(() => isWhole);
        host.Ensure(new EngineOptions { ModelFolder = folder.Path });
        Assert.False(await IsLentAsync(host));
        for (int i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            host.Touch();
            Assert.False(await IsLentAsync(host));
        }
        Assert.Equal((ModelState.Error, 1), (host.Status.State, loads));
        isWhole = true;
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), "{}");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await IsLentAsync(host)); // the very request that looks gets it
        Assert.Equal((ModelState.Ready, 2), (host.Status.State, loads));
    }

    [Fact]
    public async Task A_folder_that_appears_is_found()
    {
        using var parent = new TemporaryFolder();
        string folder = Path.Combine(parent.Path, "model");
        using var host = Failing(() => Directory.Exists(folder));
        host.Ensure(new EngineOptions { ModelFolder = folder });
        Assert.False(await IsLentAsync(host));
        Directory.CreateDirectory(folder);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await IsLentAsync(host));
    }

    [Fact]
    public async Task A_folder_that_keeps_changing_is_tried_every_two_seconds_at_most()
    {
        using var folder = new TemporaryFolder();
        using var host = Failing(() => false);
        host.Ensure(new EngineOptions { ModelFolder = folder.Path });
        for (int i = 0; i < 100; i++)
        {
            Assert.False(await IsLentAsync(host));
            File.AppendAllText(Path.Combine(folder.Path, "model.safetensors"), "x");
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.InRange(loads, 3, 6);
    }

    [Fact]
    public async Task At_focus_and_after_an_absence_a_model_that_failed_is_tried_again_though_nothing_changed()
    {
        bool hasMemory = false;
        using var host = Failing(() => hasMemory);
        host.Ensure(new EngineOptions());
        Assert.False(await IsLentAsync(host));
        for (int i = 0; i < 5; i++) host.Focus();
        Assert.False(await IsLentAsync(host));
        Assert.Equal(1, loads); // no storm
        time.Advance(TimeSpan.FromSeconds(11));
        host.Focus();
        Assert.False(await IsLentAsync(host));
        Assert.Equal(2, loads);
        hasMemory = true;
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(await IsLentAsync(host));
        Assert.Equal(3, loads);
    }

    private ModelHost Failing(Func<bool> isWhole) => new((_, _) =>
    {
        loads++;
        return isWhole() ? new ScriptedEngine("x") : throw new EngineException("It is broken; mend it.");
    }, listeners, Logger.None, time);
}
