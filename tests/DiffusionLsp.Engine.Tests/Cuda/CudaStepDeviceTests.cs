using DiffusionLsp.Engine.Cuda;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Tests.Decoding;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Cuda;

/// <summary>
/// Binding, capture, replay and fall-back, driven against a stand-in for the CUDA driver that executes the real kernels on the host. What it cannot
/// show: speed, races between warps, and that a driver takes the PTX.
/// </summary>
[Trait("tier", "slow")]
public sealed class CudaStepDeviceTests : IDisposable
{
    private const int Mask = TinyModel.Vocabulary - 1;
    private const int OutOfMemory = 2, LaunchFailed = 719;

    private readonly long[] alive = StandInDriver.Alive();

    /// <summary>Shapes with and without grouped heads, head norms, biases, partly rotated heads and an output layer of their own.</summary>
    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 8)];

    private static ModelConfig Shape(int variant) => TinyModel.Shape((variant & 7) | ((variant & 1) << 3)) with { HeadSize = 16, RotarySize = (variant & 2) != 0 ? 8 : null };

    [StandInTheory, MemberData(nameof(Variants))]
    public void A_hundred_replays_with_changing_rows_are_as_near_to_float32_as_the_forward(int variant)
    {
        using var exact = new TinyModel(Shape(variant), variant, rounded: true);
        using var model = new TinyModel(Shape(variant), variant, rounded: true, type: ScalarType.BFloat16);
        var device = Device();
        using var stepped = new StepRunner(new TensorRunner(model.Transformer), model.Transformer, new Waiting(device), null);
        ModelRunner plain = new TensorRunner(exact.Transformer), eager = new TensorRunner(model.Transformer);
        using KeyValueArena arena = stepped.NewArena(3, 128), alone = plain.NewArena(3, 128), rounded = eager.NewArena(3, 128);
        var random = new Random(variant);
        int[] fed = [0, 0, 0];
        (Error steps, Error forwards) = (new(), new());
        for (int step = 0; step < 100; step++)
        {
            var work = new List<(int Slot, RowPlan Plan)>();
            foreach (int s in Enumerable.Range(0, 3).Where(_ => random.Next(2) == 0).DefaultIfEmpty(step % 3))
            {
                int count = random.Next(1, 6), first = fed[s] > 100 ? 30 : Math.Max(0, fed[s] - random.Next(3)), scored = random.Next(1, count + 1);
                work.Add((s, new RowPlan([.. Enumerable.Range(0, count).Select(_ => random.Next(Mask))], first, first + count, random.Next(2) == 0 ? null : [.. Enumerable.Range(first + 1, count)], count - scored, scored)));
                fed[s] = first + count;
            }
            using Scores scores = stepped.ScoreTogether([.. work.Select(w => (arena.Slots[w.Slot], w.Plan))], null, CancellationToken.None);
            using var actual = scores.OnHost();
            int at = 0;
            foreach ((int slot, RowPlan plan) in work)
            {
                using Scores own = plain.Score(plan, alone.Slots[slot], null, CancellationToken.None), other = eager.Score(plan, rounded.Slots[slot], null, CancellationToken.None);
                using HostScores expected = own.OnHost(), forward = other.OnHost();
                for (int row = 0; row < plan.Scored; row++, at++)
                {
                    steps.Add(expected.Row(row), actual.Row(at));
                    forwards.Add(expected.Row(row), forward.Row(row));
                }
            }
        }
        Assert.True(stepped.IsActive);
        Assert.Equal(100, stepped.Steps);
        Assert.InRange(device.Captures, 3, 8);
        Assert.True(steps.Mean <= 1.05 * forwards.Mean && steps.Alike >= forwards.Alike - 0.02, $"steps {steps}, forwards {forwards}");
        Assert.InRange(steps.Mean, 1e-6, 0.02); // it is bfloat16, and not another computation
    }

    [StandInFact]
    public void A_decode_reads_statistics_that_equal_the_scores()
    {
        using var model = new TinyModel(Shape(3), 3, rounded: true, type: ScalarType.BFloat16);
        using var stepped = new StepRunner(new TensorRunner(model.Transformer), model.Transformer, new Waiting(Device()), null);
        using KeyValueArena arena = stepped.NewArena(1, 40);
        using Scores scores = stepped.Score(new RowPlan([1, 2, 3, 4, 5, 6, 7], 0, 7, null, 1, 6), arena.Slots[0], null, CancellationToken.None);
        using Scores copy = scores.Copy();
        using var proposer = new TensorProposer(new BlockedTokens(TinyModel.Vocabulary, [Mask, 3, 33]), CPU);
        Proposal[] expected = proposer.Propose(copy, [Driven.Rows(1, 6)])[0], actual = proposer.Propose(scores, [Driven.Rows(1, 6)])[0];
        Assert.IsType<StepScores>(scores);
        foreach ((Proposal wanted, Proposal found) in expected.Zip(actual))
        {
            Assert.Equal((wanted.Position, wanted.TokenId), (found.Position, found.TokenId));
            Assert.Equal(wanted.Confidence, found.Confidence, 1e-4f);
            Assert.Equal(wanted.Margin, found.Margin, 1e-4f);
            Assert.Equal(wanted.Entropy, found.Entropy, 1e-3f);
        }
    }

    [StandInTheory]
    [InlineData("cuMemcpyDtoHAsync_v2")]
    [InlineData("cuLaunchKernel")]
    public void If_statistics_fail_the_scores_decide(string function)
    {
        using var model = new TinyModel(Shape(3), 3, rounded: true, type: ScalarType.BFloat16);
        var notices = new List<string>();
        using var stepped = new StepRunner(new TensorRunner(model.Transformer), model.Transformer, new Waiting(Device()), notices.Add);
        using KeyValueArena arena = stepped.NewArena(1, 40);
        using Scores scores = stepped.Score(new RowPlan([1, 2, 3, 4, 5, 6, 7], 0, 7, null, 1, 6), arena.Slots[0], null, CancellationToken.None);
        using Scores copy = scores.Copy();
        using var proposer = new TensorProposer(new BlockedTokens(TinyModel.Vocabulary, [Mask]), CPU);
        StandInDriver.Fail(function, 0, OutOfMemory);
        Assert.Equal(proposer.Propose(copy, [Driven.Rows(1, 6)])[0], proposer.Propose(scores, [Driven.Rows(1, 6)])[0]);
        Assert.Contains("CUDA_ERROR_OUT_OF_MEMORY", Assert.Single(notices), StringComparison.Ordinal);
        Assert.False(stepped.IsActive);
    }

    [StandInFact]
    public void A_replay_allocates_nothing()
    {
        using var model = new TinyModel(Shape(1), 1, rounded: true, type: ScalarType.BFloat16);
        using var arena = new TensorArena(model.Transformer, 1, 64);
        using var step = new StaticStep(model.Transformer, arena);
        using var device = Device();
        StepBucket bucket = StepBucket.For(2, 8)!.Value;
        IReadOnlyList<(KeyValueSlot, RowPlan)> work = [(arena.Slots[0], new RowPlan([1, 2], 0, 2, null, 0, 2))];
        void Step()
        {
            device.Input(bucket.Rows).Write(work, arena.Capacity);
            device.Execute(step, bucket);
        }
        for (int i = 0; i < 50; i++) Step(); // compiled by now
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) Step();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 * 128); // enumerating the work; nothing grows with layers, rows or kernels
    }

    public static TheoryData<string, int, int> Failures => new()
    {
        { "cuStreamBeginCapture_v2", 0, LaunchFailed }, { "cuLaunchKernel", 0, LaunchFailed }, { "cuLaunchKernel", 25, LaunchFailed }, { "cuLaunchKernel", 25, OutOfMemory }, { "cuStreamEndCapture", 0, 901 },
        { "cuGraphInstantiateWithFlags", 0, OutOfMemory }, { "cuGraphLaunch", 0, LaunchFailed }, { "cuGraphLaunch", 2, OutOfMemory },
        { "cuMemcpyHtoDAsync_v2", 0, LaunchFailed }, { "cuStreamSynchronize", 0, LaunchFailed }, { "cuStreamSynchronize", 3, LaunchFailed },
    };

    [StandInTheory, MemberData(nameof(Failures))]
    public void Every_error_of_the_driver_leads_to_the_forward_without(string function, int after, int code)
    {
        using var model = new TinyModel(Shape(3), 3, rounded: true, type: ScalarType.BFloat16);
        var notices = new List<string>();
        using var stepped = new StepRunner(new TensorRunner(model.Transformer), model.Transformer, new Waiting(Device()), notices.Add);
        var plain = new TensorRunner(model.Transformer);
        using KeyValueArena arena = stepped.NewArena(1, 40), alone = plain.NewArena(1, 40);
        StandInDriver.Fail(function, after, code);
        for (int i = 0; i < 12; i++)
        {
            var plan = new RowPlan([i, i + 1, i + 2], 2 * i, 2 * i + 3, null, 0, 3);
            using Scores actual = stepped.Score(plan, arena.Slots[0], null, CancellationToken.None), expected = plain.Score(plan, alone.Slots[0], null, CancellationToken.None);
            if (!stepped.IsActive) Assert.IsNotType<StepScores>(actual);
        }
        Assert.False(stepped.IsActive);
        string notice = Assert.Single(notices);
        Assert.Contains("without CUDA graphs", notice, StringComparison.Ordinal);
        Assert.Contains(function.Replace("_v2", "", StringComparison.Ordinal).Replace("WithFlags", "", StringComparison.Ordinal), notice, StringComparison.Ordinal);
        Assert.Contains("CUDA_ERROR", notice, StringComparison.Ordinal);
        StandInDriver.Mend();
    }

    [StandInTheory]
    [InlineData("cuInit")]
    [InlineData("cuCtxGetCurrent")]
    [InlineData("cuModuleLoadData")]
    [InlineData("cuModuleGetFunction")]
    [InlineData("cuStreamCreate")]
    [InlineData("cuMemHostAlloc")]
    public void A_device_that_cannot_be_made_says_why_and_leaves_nothing(string function)
    {
        StandInDriver.Fail(function, 0, OutOfMemory);
        var e = Assert.Throws<CudaDriverException>(Device);
        Assert.Equal($"{function}{(function == "cuModuleGetFunction" ? " for gather_rows" : "")} answered CUDA_ERROR_OUT_OF_MEMORY", e.Message);
        Assert.Equal(OutOfMemory, e.Code);
        StandInDriver.Mend();
    }

    [StandInTheory]
    [InlineData(36, 40, 16, null, "multiple of 8")]
    [InlineData(32, 42, 16, null, "multiple of 8")]
    [InlineData(32, 40, 12, null, "multiple of 8")]
    [InlineData(32, 40, 16, 12, "multiple of 8")]
    [InlineData(32, 40, 264, null, "wider than 256")]
    [InlineData(32, 40, 256, 8, null)]
    public void Shapes_that_the_kernels_cannot_load_are_named(int width, int inner, int head, int? rotated, string? why)
    {
        string? found = CudaKernels.Unsupported(TinyModel.Shape(0) with { HiddenSize = width, IntermediateSize = inner, HeadSize = head, RotarySize = rotated });
        if (why is null) Assert.Null(found);
        else Assert.Contains(why, found, StringComparison.Ordinal);
    }

    [StandInFact]
    public void A_missing_or_older_driver_is_named()
    {
        Assert.Contains("libno-such-driver.so", Assert.Throws<CudaDriverException>(() => new CudaDriver("libno-such-driver.so")).Message, StringComparison.Ordinal);
        Assert.Contains("lacks the function cuGetErrorName", Assert.Throws<CudaDriverException>(() => new CudaDriver("libm.so.6")).Message, StringComparison.Ordinal);
    }

    /// <summary>How far scores are from those in float32.</summary>
    private sealed class Error
    {
        private double sum;
        private int rows, alike;

        /// <summary>Mean over rows of the mean difference, relative to the largest score.</summary>
        public double Mean => sum / rows;

        /// <summary>Share of rows with the same best token.</summary>
        public double Alike => (double)alike / rows;

        public void Add(ReadOnlySpan<float> wanted, ReadOnlySpan<float> found)
        {
            (double difference, float largest, int best, int other) = (0, 0, 0, 0);
            for (int i = 0; i < wanted.Length; i++)
            {
                difference += Math.Abs(wanted[i] - found[i]);
                largest = Math.Max(largest, Math.Abs(wanted[i]));
                if (wanted[i] > wanted[best]) best = i;
                if (found[i] > found[other]) other = i;
            }
            (sum, rows) = (sum + difference / wanted.Length / largest, rows + 1);
            if (best == other) alike++;
        }

        public override string ToString() => $"{Mean:0.00000} of the largest score, {Alike:0.0 %} of rows with the same best token";
    }

    private static CudaStepDevice Device() => new(new CudaDriver(StandInDriver.Path), null);

    public void Dispose()
    {
        StandInDriver.Mend();
        Assert.Equal(alive, StandInDriver.Alive());
    }

    /// <summary>Waits for each step: the stand-in computes only when somebody waits, and libtorch, which reads the host's memory here, does not.</summary>
    private sealed class Waiting(CudaStepDevice inner) : IStepDevice
    {
        public string? Unsupported(ModelConfig config) => inner.Unsupported(config);

        public StepInput Input(int rows) => inner.Input(rows);

        public void Execute(StaticStep step, StepBucket bucket)
        {
            inner.Execute(step, bucket);
            inner.Wait();
        }

        public RowStatistics[] Statistics(StaticStep step, int first, ReadOnlySpan<int> sets, nint blocked) => inner.Statistics(step, first, sets, blocked);

        public void Wait() => inner.Wait();

        public void Forget() => inner.Forget();

        public void Dispose() => inner.Dispose();
    }
}
