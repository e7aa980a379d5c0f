using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Chooses device and data type once, and says why.</summary>
/// <param name="Device">Where tensors live.</param>
/// <param name="DataType">Their type.</param>
/// <param name="Reason">One phrase for people.</param>
internal sealed record ComputeDevice(Device Device, ScalarType DataType, string Reason)
{
    /// <param name="wish">"auto", "cpu" or "cuda".</param>
    /// <exception cref="EngineException">The wish is unknown or cannot be met.</exception>
    public static ComputeDevice Choose(string wish)
    {
        bool usable = wish is not "cpu" && cuda.is_available();
        return wish switch
        {
            "auto" or "cuda" when usable => new(CUDA, ScalarType.BFloat16, "an NVIDIA GPU is usable"),
            // float32 on CPUs: a cached result then equals the uncached one token for token, and few CPUs are faster in bfloat16.
            "auto" => new(CPU, ScalarType.Float32, "no usable NVIDIA GPU"),
            "cpu" => new(CPU, ScalarType.Float32, "asked for"),
            "cuda" => throw new EngineException("CUDA was asked for, but libtorch sees no usable NVIDIA GPU; install a driver and a CUDA libtorch (docs/ARCHITECTURE.md, Native backend), or choose device cpu."),
            _ => throw new EngineException($"There is no device '{wish}'; use auto, cpu or cuda."),
        };
    }
}
