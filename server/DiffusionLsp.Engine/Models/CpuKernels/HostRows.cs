namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Addresses of the keys and values of one layer.</summary>
/// <param name="HeadStride">Numbers from one head to the next.</param>
internal readonly unsafe record struct HostRows(IntPtr KeyAddress, IntPtr ValueAddress, long HeadStride)
{
    /// <summary>(K, rows, d), rotated.</summary>
    public float* Keys => (float*)KeyAddress;

    /// <summary>(K, rows, d)</summary>
    public float* Values => (float*)ValueAddress;

    /// <summary>The same, starting this many numbers later.</summary>
    public HostRows From(long numbers) => this with { KeyAddress = KeyAddress + (nint)(numbers * sizeof(float)), ValueAddress = ValueAddress + (nint)(numbers * sizeof(float)) };
}
