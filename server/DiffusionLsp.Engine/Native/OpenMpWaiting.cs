using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Makes idle OpenMP threads sleep; must run before libtorch loads OpenMP. It knows nothing of tensors.
/// </summary>
/// <remarks>
/// By default they spin for milliseconds at every barrier. When a build or anything else competes for the cores, a spinning thread
/// keeps the one it waits for off its core: a forward of 16 rows took 1,250 ms instead of 28 on two busy cores. Sleeping costs
/// microseconds per barrier.
/// </remarks>
internal static partial class OpenMpWaiting
{
    private const string Variable = "OMP_WAIT_POLICY";

    /// <summary>Sets the policy unless the user did. Has no effect unless OpenMP is GNU's.</summary>
    public static void Sleep()
    {
        // Not through .NET, which changes only its own copy of the environment; the library reads the process's.
        if (OperatingSystem.IsLinux()) _ = SetVariable(Variable, "PASSIVE", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
