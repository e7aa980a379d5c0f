using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>The device and data type of a model, chosen once, with the reason.</summary>
/// <param name="IsGpu">Whether it is an NVIDIA GPU; false: the CPU.</param>
/// <param name="DataType">Element type of the computation.</param>
/// <param name="Reason">A phrase for the user.</param>
internal sealed record ComputeDevice(bool IsGpu, ScalarType DataType, string Reason)
{
    /// <summary>Where tensors live. Needs libtorch.</summary>
    public Device Device => IsGpu ? CUDA : CPU;

    /// <summary>Its name in options and reports.</summary>
    public string Name => IsGpu ? "cuda" : "cpu";

    /// <param name="wish">"auto", "cpu" or "cuda".</param>
    /// <param name="libtorch">Used only if a GPU is requested or allowed and this libtorch supports one.</param>
    /// <exception cref="EngineException">The device is unknown or not available.</exception>
    public static ComputeDevice Choose(string wish, Libtorch libtorch)
    {
        bool usable = wish is "auto" or "cuda" && libtorch.SeesGpu();
        return wish switch
        {
            "auto" or "cuda" when usable => new(true, ScalarType.BFloat16, "an NVIDIA GPU is usable"),
            // float32 on CPUs: cached results then equal uncached ones token for token, and few CPUs are faster in bfloat16.
            "auto" => new(false, ScalarType.Float32, "no usable NVIDIA GPU"),
            "cpu" => new(false, ScalarType.Float32, "as requested"),
            "cuda" => throw new EngineException("CUDA was requested, but libtorch sees no usable NVIDIA GPU; install a driver and a CUDA libtorch (docs/ARCHITECTURE.md, Native backend), or choose device cpu."),
            _ => throw new EngineException($"There is no device '{wish}'; use auto, cpu or cuda."),
        };
    }
}
