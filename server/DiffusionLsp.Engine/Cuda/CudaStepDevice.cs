using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;

namespace DiffusionLsp.Engine.Cuda;

/// <summary>
/// Runs static steps as CUDA graphs: the first step of a bucket is captured, and every step replays its graph, which costs one launch
/// instead of hundreds. Used on the thread whose CUDA context libtorch uses.
/// </summary>
internal sealed unsafe class CudaStepDevice : IStepDevice
{
    private readonly CudaDriver driver;
    private readonly CudaKernels kernels;
    private readonly TorchStreams? torch;
    private readonly nint stream, input, statistics; // a stream for capturing; page-locked host memory
    private readonly Dictionary<StepBucket, nint> graphs = [];
    private bool mayBeCopying; // the input may still be read by a step
    private bool hasRun; // kernels may be running, or graphs exist

    /// <param name="torch">libtorch's streams; null: our kernels compute the products, and libtorch works on the default stream.</param>
    /// <exception cref="CudaDriverException">A call of the driver failed.</exception>
    public CudaStepDevice(CudaDriver driver, TorchStreams? torch)
    {
        (this.driver, this.torch) = (driver, torch);
        driver.RequireContext();
        kernels = new CudaKernels(driver) { UsesLibtorch = torch is not null };
        try
        {
            stream = driver.CreateStream();
            input = driver.AllocateHost(StepInput.Columns * StepBucket.MostRows * sizeof(int));
            statistics = driver.AllocateHost(StaticStep.StatisticsColumns * StepBucket.MostRows * sizeof(int));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Graphs captured so far.</summary>
    public long Captures { get; private set; }

    private nint Current => torch?.Current ?? 0;

    public string? Unsupported(ModelConfig config) => CudaKernels.Unsupported(config);

    public StepInput Input(int rows)
    {
        if (mayBeCopying) Wait();
        return new StepInput(input, rows);
    }

    public void Wait()
    {
        driver.Synchronize(Current);
        mayBeCopying = false;
    }

    public void Execute(StaticStep step, StepBucket bucket)
    {
        if (!graphs.TryGetValue(bucket, out nint graph)) graphs[bucket] = graph = Captured(step, bucket);
        mayBeCopying = true;
        driver.Replay(graph, Current);
    }

    private nint Captured(StaticStep step, StepBucket bucket)
    {
        hasRun = true;
        driver.Synchronize(Current); // the step reads results computed on the other stream
        nint graph = 0;
        void Run()
        {
            driver.CopyToDevice(step.Block, input, (long)StepInput.Columns * bucket.Rows * sizeof(int), stream);
            step.Run(kernels, bucket);
        }
        void Capture()
        {
            Run(); // on the first run, libtorch selects kernels and allocates their workspace, which is not allowed during a capture
            driver.Synchronize(stream);
            graph = driver.Capture(stream, Run);
        }
        kernels.Stream = stream;
        if (torch is null) Capture();
        else torch.On(stream, Capture);
        Captures++;
        return graph;
    }

    public RowStatistics[] Statistics(StaticStep step, int first, ReadOnlySpan<int> sets, nint blocked)
    {
        const int most = StepBucket.MostRows;
        nint at = Current, there = step.StatisticsBlock;
        int* words = (int*)statistics;
        sets.CopyTo(new Span<int>(words, most));
        driver.CopyToDevice(there, statistics, sets.Length * sizeof(int), at);
        kernels.Stream = at;
        kernels.Statistics(step.StatisticsOf(first, sets.Length, blocked));
        driver.CopyToHost(statistics + most * sizeof(int), there + most * sizeof(int), (long)(StaticStep.StatisticsColumns - 1) * most * sizeof(int), at);
        driver.Synchronize(at);
        mayBeCopying = false;
        var numbers = (float*)(words + 2 * most);
        var rows = new RowStatistics[sets.Length];
        for (int i = 0; i < rows.Length; i++) rows[i] = new RowStatistics(words[most + i], numbers[3 * i], numbers[3 * i + 1], numbers[3 * i + 2]);
        return rows;
    }

    public void Forget()
    {
        if (!hasRun) return;
        hasRun = false;
        // Graphs must not be destroyed, nor memory freed, while work is queued on them; a failed capture leaves kernels of its first run queued.
        Settle(() => Current);
        Settle(() => stream);
        foreach (nint graph in graphs.Values) driver.Destroy(graph);
        graphs.Clear();
    }

    /// <summary>Waits for a stream; if the device has failed, there is nothing to wait for.</summary>
    private void Settle(Func<nint> of)
    {
        try
        {
            driver.Synchronize(of());
        }
        catch (CudaDriverException)
        {
        }
    }

    public void Dispose()
    {
        Forget();
        if (stream != 0) driver.DestroyStream(stream);
        if (input != 0) driver.FreeHost(input);
        if (statistics != 0) driver.FreeHost(statistics);
        kernels.Dispose();
    }
}
