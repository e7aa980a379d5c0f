using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Cuda;

/// <summary>
/// Launches the kernels of step.cuh, where each kernel's computation and grid are documented. Elements are bfloat16; arithmetic is float32.
/// </summary>
internal sealed class CudaKernels : StepKernels, IDisposable
{
    private readonly CudaDriver driver;
    private readonly nint module, gather, norm, product, tiles, turn, attend, pairs, combine, silu, statistics;

    /// <exception cref="CudaDriverException">The driver rejects the kernels.</exception>
    public CudaKernels(CudaDriver driver)
    {
        this.driver = driver;
        module = driver.Load(Ptx());
        try
        {
            (gather, norm, product) = (Kernel("gather_rows"), Kernel("rms_norm"), Kernel("product_rows"));
            (turn, attend, pairs, combine) = (Kernel("turn_store"), Kernel("attend"), Kernel("attend_pairs"), Kernel("combine"));
            (tiles, silu, statistics) = (Kernel("product_tiles"), Kernel("silu_mul"), Kernel("statistics"));
        }
        catch
        {
            driver.Unload(module);
            throw;
        }
    }

    /// <summary>The stream that kernels are launched on; 0: the default stream.</summary>
    public nint Stream { get; set; }

    /// <summary>Whether libtorch computes the products, on its current stream; otherwise our kernels do.</summary>
    public bool UsesLibtorch { get; init; }

    public override void Gather(nint ids, nint table, nint x, int rows, int width) =>
        driver.Launch(gather, (rows, 1, 1), 128, Stream, (ulong)ids, (ulong)table, (ulong)x, (ulong)width);

    public override void RmsNorm(nint x, nint weight, nint y, nint pick, int rows, int width, float epsilon) =>
        driver.Launch(norm, (rows, 1, 1), 256, Stream, (ulong)x, (ulong)weight, (ulong)y, (ulong)pick, (ulong)width, Bits(epsilon));

    public override void Multiply(StepProduct p)
    {
        if (!UsesLibtorch) MultiplyHere(p);
        else if (p.Adds) p.Y.addmm_(p.X, p.Transposed, 1, 1);
        else StableOperators.Linear(p.X, p.Weight, p.Bias, p.Y);
    }

    private void MultiplyHere(StepProduct p)
    {
        bool isOnTensorCores = p.Rows > 2; // one or two rows are bound by reading the weight
        driver.Launch(isOnTensorCores ? tiles : product, (isOnTensorCores ? (p.Outputs + 31) / 32 : (p.Outputs + 3) / 4, 1, 1), isOnTensorCores ? 256 : 128, Stream,
            (ulong)p.XAddress, (ulong)p.WeightAddress, (ulong)p.BiasAddress, (ulong)p.YAddress, (ulong)p.Rows, (ulong)p.Inputs, (ulong)p.Outputs, p.Adds ? 1UL : 0UL);
    }

    public override void TurnAndStore(in StepHeads h) => driver.Launch(turn, (h.Rows, h.Heads + 2 * h.KeyHeads, 1), 32, Stream,
        (ulong)h.QueryKeyValue, (ulong)h.HeadNorm, (ulong)h.Cosines, (ulong)h.Sines, (ulong)h.Position, (ulong)h.Store, (ulong)h.Keys, (ulong)h.Values,
        (ulong)h.Heads, (ulong)h.KeyHeads, (ulong)h.Size, (ulong)h.Rotated, (ulong)h.Total, Bits(h.Epsilon));

    public override void Attend(in StepHeads h)
    {
        if (StepBucket.SharesKeys(h.Rows, h.Size))
        {
            int blocks = (h.Rows * (h.Heads / h.KeyHeads) + StepBucket.PairsPerBlock - 1) / StepBucket.PairsPerBlock;
            driver.Launch(pairs, (blocks, h.KeyHeads, h.Splits), 128, Stream, (ulong)h.QueryKeyValue, (ulong)h.Keys, (ulong)h.Values, (ulong)h.First, (ulong)h.Seen, (ulong)h.Partial,
                (ulong)h.Rows, (ulong)h.Heads, (ulong)h.KeyHeads, (ulong)h.Size, (ulong)h.Total, (ulong)h.Splits, Bits(h.Scale));
        }
        else
            driver.Launch(attend, (h.Rows, h.KeyHeads, h.Splits), 128, Stream, (ulong)h.QueryKeyValue, (ulong)h.Keys, (ulong)h.Values, (ulong)h.First, (ulong)h.Seen, (ulong)h.Partial,
                (ulong)h.Heads, (ulong)h.KeyHeads, (ulong)h.Size, (ulong)h.Total, (ulong)h.Splits, Bits(h.Scale));
        driver.Launch(combine, (h.Rows, h.Heads, 1), 128, Stream, (ulong)h.Partial, (ulong)h.Mixed, (ulong)h.Heads, (ulong)h.Size, (ulong)h.Splits);
    }

    public override void SiluMultiply(nint gateUp, nint h, int rows, int inner) =>
        driver.Launch(silu, (rows, (inner + 2047) / 2048, 1), 256, Stream, (ulong)gateUp, (ulong)h, (ulong)inner);

    public override void Statistics(in StepStatistics s) =>
        driver.Launch(statistics, (s.Rows, 1, 1), 1024, Stream, (ulong)s.Logits, (ulong)s.Blocked, (ulong)s.Set, (ulong)s.Best, (ulong)s.Numbers, (ulong)s.Vocabulary);

    /// <summary>Why the kernels cannot run a model, as a clause; null: they can. They load eight numbers at a time.</summary>
    public static string? Unsupported(ModelConfig config)
    {
        int[] widths = [config.HiddenSize, config.IntermediateSize, config.HeadSize, config.RotarySize ?? config.HeadSize];
        if (widths.Any(width => width % 8 != 0)) return "one of its widths is not a multiple of 8";
        return config.HeadSize > 256 ? "its heads are wider than 256" : null;
    }

    private nint Kernel(string name) => driver.Function(module, name);

    private static ulong Bits(float number) => BitConverter.SingleToUInt32Bits(number);

    private static string Ptx()
    {
        using Stream resource = typeof(CudaKernels).Assembly.GetManifestResourceStream("step.ptx") ?? throw new CudaDriverException("this build contains no kernels");
        return new StreamReader(resource).ReadToEnd();
    }

    public void Dispose() => driver.Unload(module);
}
