using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Chooses device and data type once, and says why.</summary>
/// <param name="IsGpu">An NVIDIA GPU, or else the CPU.</param>
/// <param name="DataType">Of the numbers.</param>
/// <param name="Reason">One phrase for people.</param>
internal sealed record ComputeDevice(bool IsGpu, ScalarType DataType, string Reason)
{
    /// <summary>Where tensors live. Needs libtorch.</summary>
    public Device Device => IsGpu ? CUDA : CPU;

    /// <summary>Its name in options and reports.</summary>
    public string Name => IsGpu ? "cuda" : "cpu";

    /// <param name="wish">"auto", "cpu" or "cuda".</param>
    /// <param name="libtorch">Asked only where a GPU is wished for and a libtorch for one is there.</param>
    /// <exception cref="EngineException">The wish is unknown or cannot be met.</exception>
    public static ComputeDevice Choose(string wish, Libtorch libtorch)
    {
        bool usable = wish is "auto" or "cuda" && libtorch.SeesGpu();
        return wish switch
        {
            "auto" or "cuda" when usable => new(true, ScalarType.BFloat16, "an NVIDIA GPU is usable"),
            // float32 on CPUs: a cached result then equals the uncached one token for token, and few CPUs are faster in bfloat16.
            "auto" => new(false, ScalarType.Float32, "no usable NVIDIA GPU"),
            "cpu" => new(false, ScalarType.Float32, "asked for"),
            "cuda" => throw new EngineException("CUDA was asked for, but libtorch sees no usable NVIDIA GPU; install a driver and a CUDA libtorch (docs/ARCHITECTURE.md, Native backend), or choose device cpu."),
            _ => throw new EngineException($"There is no device '{wish}'; use auto, cpu or cuda."),
        };
    }
}
