using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Native;

/// <summary>Where libtorch lies: in a folder that the user named, beside the program, or where it was fetched to. It loads nothing.</summary>
/// <param name="Folder">Holds the libraries.</param>
/// <param name="Origin">Who put it there, in words.</param>
public sealed record LibtorchPlace(string Folder, string Origin)
{
    /// <summary>
    /// The libtorch that would be loaded; null: there is none, and none was named. A folder that was named is taken or refused, never replaced.
    /// </summary>
    /// <param name="named">The user's folder, which may also be the Python environment or the unpacked archive that libtorch lies in; null or empty: none.</param>
    /// <param name="beside">The folder of the packaged libtorch; null: this build ships none.</param>
    /// <param name="fetched">Where it is if it was fetched; null: nowhere.</param>
    /// <param name="library">The file name of libtorch's largest library.</param>
    /// <exception cref="NativeBackendException">The folder that was named holds none.</exception>
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
            ? new LibtorchPlace(found, "named by you")
            : throw new NativeBackendException($"The libtorch folder '{folder}' holds no {library}; name one that does, such as a Python environment with torch, or none and run `diffusion-lsp libtorch fetch`.");
    }

    /// <summary>Where a Python environment keeps torch: lib/python3.N/site-packages/torch/lib.</summary>
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
