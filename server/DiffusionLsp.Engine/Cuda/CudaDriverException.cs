namespace DiffusionLsp.Engine.Cuda;

/// <summary>The CUDA driver is missing, lacks a function, or reported an error. The message is a clause without a full stop.</summary>
internal sealed class CudaDriverException(string message, int code = 0) : Exception(message)
{
    /// <summary>The driver's CUresult; 0: the driver reported none.</summary>
    public int Code => code;
}
