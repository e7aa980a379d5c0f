namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>TorchSharp's native library for Linux in the build output. It is never changed: it may be a link into the package.</summary>
internal static class ShimFile
{
    public static string Path { get; } =
        new[] { "", System.IO.Path.Combine("runtimes", "linux-x64", "native") }
            .Select(folder => System.IO.Path.Combine(AppContext.BaseDirectory, folder, "libLibTorchSharp.so"))
            .First(File.Exists);
}
