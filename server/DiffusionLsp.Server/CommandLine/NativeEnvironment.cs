using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Environment variables that native libraries read when they are loaded, which <see cref="Environment"/> does not reach on
/// Unix. What the user set stays.
/// </summary>
internal static class NativeEnvironment
{
    /// <summary>
    /// Lets OpenMP's threads sleep instead of spin while they wait for each other. The server shares its cores with an editor
    /// and compilers; there, spinning made a completion a hundred times slower (5.8 s instead of 0.04 s, two threads on two
    /// busy cores).
    /// </summary>
    public static void WaitWithoutSpinning()
    {
        if (!OperatingSystem.IsWindows()) _ = SetEnvironmentVariable("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnvironmentVariable(string name, string value, int overwrite);
}
