using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Native;
using TorchSharp;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Loads libtorch before any test can touch a tensor: TorchSharp itself would search in the wrong places.</summary>
internal static class LibtorchSetup
{
    [ModuleInitializer]
    public static void Load()
    {
        NativeBackend.Load();
        torch.set_num_threads(1);
    }
}
