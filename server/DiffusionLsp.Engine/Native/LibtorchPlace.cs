using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Native;

/// <summary>The location of libtorch: a folder named by the user, the packaged one, or the downloaded one. It loads nothing.</summary>
/// <param name="Folder">Folder with the libraries.</param>
/// <param name="Origin">Where it comes from, in words.</param>
public sealed record LibtorchPlace(string Folder, string Origin)
{
    /// <summary>
    /// The libtorch to load; null: none exists and none was named. A named folder is either used or rejected, never silently replaced.
    /// </summary>
    /// <param name="named">The user's folder, which may also be the Python environment or unpacked archive that contains libtorch; null or empty: none.</param>
    /// <param name="beside">Folder of the packaged libtorch; null: this build ships none.</param>
    /// <param name="fetched">Folder of the downloaded libtorch; null: not downloaded.</param>
    /// <param name="library">File name of libtorch's main library.</param>
    /// <exception cref="NativeBackendException">The named folder contains no libtorch.</exception>
    internal static LibtorchPlace? Find(string? named, string? beside, string? fetched, string library)
    {
        if (!string.IsNullOrWhiteSpace(named)) return Within(Path.GetFullPath(UserPath.Expand(named)), library);
        if (beside is not null) return new LibtorchPlace(beside, "packaged");
        return fetched is not null && File.Exists(Path.Combine(fetched, library)) ? new LibtorchPlace(fetched, "fetched") : null;
    }

    private static LibtorchPlace Within(string folder, string library)
    {
        string[] places = [folder, Path.Combine(folder, "lib"), Path.Combine(folder, "torch", "lib"), Path.Combine(folder, "Lib", "site-packages", "torch", "lib"), .. PythonOf(folder)];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, library))) is { } found
            ? new LibtorchPlace(found, "set by you")
            : throw new NativeBackendException($"The libtorch folder '{folder}' does not contain {library}; name a folder that does, such as a Python environment with torch, or name none and run `diffusion-lsp libtorch fetch`.");
    }

    /// <summary>The torch folder of a Python environment: lib/python3.N/site-packages/torch/lib.</summary>
    private static IEnumerable<string> PythonOf(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(Path.Combine(folder, "lib"), "python3*").Order(StringComparer.Ordinal).Select(python => Path.Combine(python, "site-packages", "torch", "lib")).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
