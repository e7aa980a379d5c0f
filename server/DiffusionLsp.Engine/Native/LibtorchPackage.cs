using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// The NuGet package of libtorch for the CPU that fits TorchSharp: its name, the files needed from it, and the folder that
/// they are downloaded to. Only names; touches no network.
/// </summary>
/// <param name="Platform">.NET's name of the platform, for example linux-x64.</param>
/// <param name="Files">The files to extract. There is no checksum of the whole package: a feed may sign it again, which changes its bytes.</param>
public sealed record LibtorchPackage(string Platform, IReadOnlyList<LibtorchFile> Files)
{
    /// <summary>The version that TorchSharp was built for.</summary>
    public const string Version = "2.10.0";

    /// <summary>The available packages, without files that only Python and libtorch's own tests load.</summary>
    public static IReadOnlyList<LibtorchPackage> All { get; } =
    [
        new("linux-x64",
        [
            new("libc10.so", 1_455_496, "5a54a1c71c90df5011b20529bba91bcd160871c7cb19f33d9da8e73f9c45fbbc"),
            new("libgomp-98b21ff3.so.1", 283_265, "6b254201cafdc5389580d77139398a298f63ce3b139cfbcceade961ac0d721cb"),
            new("libtorch.so", 7_584, "aaa36e9d80c624fc796e0fd591ebe7a59262814f57bc639ec20f6ae91fadb760"),
            new("libtorch_cpu.so", 461_211_481, "0f4b3e14ed8468219fefe110605e741afc6bfbec27cc777a224301edb9f24c41"),
        ]),
        new("win-x64",
        [
            new("c10.dll", 1_081_344, "a057ab00ec2edceec9198e87bd417843489f9bb4b937ff2cf22503e699383063"),
            new("libiomp5md.dll", 1_614_192, "d41a71c38f627a95748596820ab380135dcccc4ceecd6fe7d4e247d015bf55a4"),
            new("torch.dll", 9_728, "02d6bd9767ee972466363386c2025716af46533516671a6f4f365385760e207a"),
            new("torch_cpu.dll", 264_955_904, "c75772dea925c23ea45fbf39502d48d4e87350249e75050d43bea2c12fdd3a1b"),
            new("uv.dll", 195_072, "fa569e682fc5fb7a8eb94c6829af9f30a569748dbbc6bce39735d48bc960bcf8"),
        ]),
        new("osx-arm64",
        [
            new("libc10.dylib", 1_084_640, "cff488f7e39024a34a871c07ba82031625021392eaf137d0c35eb53b7a33a077"),
            new("libomp.dylib", 754_912, "fe0670951c85401421f6cedc91971f28dc870bad4c1f0cfebe2b74dac421e5f0"),
            new("libtorch.dylib", 16_736, "619206f7f2917cef9869bc74c7179ebd2183c17fb33a0d51e8b0a501bcc87c89"),
            new("libtorch_cpu.dylib", 214_082_912, "4f03f83297f45294c4c2b64566d09a6c108aa962f7f1e588ab19e5ffb1079d7e"),
        ]),
    ];

    /// <summary>The package for this system and processor; null: none exists.</summary>
    public static LibtorchPackage? Here { get; } = All.FirstOrDefault(package => package.Platform == ThisPlatform);

    /// <summary>.NET's name of this system and processor.</summary>
    public static string ThisPlatform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux") + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>How to get libtorch on this system, as the end of a sentence.</summary>
    public static string Cure => Here is null
        ? $"it has no package for {ThisPlatform}, so use an engine on another machine (setting diffusionLsp.remoteUrl)"
        : "run `diffusion-lsp libtorch fetch`, or name a Python environment with torch in the setting diffusionLsp.libtorchPath";

    /// <summary>The package's name on a feed.</summary>
    public string Id => $"libtorch-cpu-{Platform}";

    /// <summary>The folder of downloaded packages.</summary>
    public static string Root => Path.Combine(CacheFolders.Root, "libtorch");

    /// <summary>Folder of the downloaded files. If it exists, it is complete.</summary>
    public string Folder => Path.Combine(Root, $"cpu-{Version}-{Platform}");
}

/// <summary>A file in a libtorch package.</summary>
/// <param name="Name">A plain file name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
public sealed record LibtorchFile(string Name, long Bytes, string Sha256);
