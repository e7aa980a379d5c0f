using System.ComponentModel;
using System.Diagnostics;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>The libtorch of a session: a named one, the packaged one, or the one of python3's torch, which a machine with a GPU usually has.</summary>
/// <param name="Folder">Its folder; null: the program finds the packaged one, or there is none.</param>
/// <param name="Words">Where it comes from, for the record.</param>
internal sealed record PythonLibtorch(string? Folder, string Words)
{
    private const string Script = "import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib')); print(torch.__version__)";

    /// <param name="named">The user's folder; null: none.</param>
    public static PythonLibtorch Find(string? named)
    {
        if (named is not null) return new(Path.GetFullPath(named), "named");
        try
        {
            if (NativeBackend.Find() is { } place) return new(null, place.Origin);
        }
        catch (NativeBackendException e)
        {
            return new(null, e.Message);
        }
        string[] lines = Printed("python3", "-c", Script).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines is [var folder, var version] ? new(folder, $"python3's torch {version}") : new(null, "none: python3 has no torch");
    }

    /// <summary>What a program prints; nothing if it is not there or fails.</summary>
    public static string Printed(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine(); // read, so that it never waits for room
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }
}
