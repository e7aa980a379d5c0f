using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Working memory of one thread, for one part of a forward's rows.</summary>
internal sealed unsafe class CpuScratch : IDisposable
{
    private readonly float* memory;

    /// <param name="rows">Maximum rows per part.</param>
    /// <param name="wide">Outputs of the widest product: query, key and value, or gate and up.</param>
    /// <param name="panel">Number of weights that a product over many rows widens at a time.</param>
    public CpuScratch(ModelConfig config, int rows, int wide, int panel)
    {
        int width = config.HiddenSize, heads = config.Heads * config.HeadSize;
        Normal = memory = HostMemory.Allocate<float>((long)rows * (width + wide + heads + config.IntermediateSize) + panel);
        Projected = Normal + (long)rows * width;
        Mixed = Projected + (long)rows * wide;
        Inner = Mixed + (long)rows * heads;
        Panel = Inner + (long)rows * config.IntermediateSize;
        (Attention, Prompt) = (new CpuAttention(config), new PromptAttention(config));
    }

    /// <summary>(rows, D), the normalised residual stream; then what is added to it.</summary>
    public float* Normal { get; }

    /// <summary>(rows, wide)</summary>
    public float* Projected { get; }

    /// <summary>(rows, H · d), attention's result</summary>
    public float* Mixed { get; }

    /// <summary>(rows, I), input of the down projection</summary>
    public float* Inner { get; }

    /// <inheritdoc cref="PackedMatrix.PanelSize"/>
    public float* Panel { get; }

    /// <summary>For few rows.</summary>
    public CpuAttention Attention { get; }

    /// <summary>For many rows.</summary>
    public PromptAttention Prompt { get; }

    public void Dispose()
    {
        HostMemory.Free(memory);
        Attention.Dispose();
        Prompt.Dispose();
    }
}
