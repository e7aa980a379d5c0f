using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Loads libtorch before any test can touch a tensor: TorchSharp itself would search in the wrong places.</summary>
internal static class LibtorchSetup
{
    [ModuleInitializer]
    public static void Load()
    {
        NativeBackend.Load();
        LibtorchThreads.Set(1);
    }
}
