using System.Text.Json;
using Microsoft.CodeAnalysis;

namespace DiffusionLsp.Tidy;

/// <summary>The assemblies that NuGet's restore passes to the compiler for a project, so that tests can compile without a build.</summary>
internal static class CompilerInputs
{
    /// <param name="project">Name of a project below server/.</param>
    public static IReadOnlyList<MetadataReference> Of(string project) => [.. Framework(), .. Assets(project)];

    private static IEnumerable<PortableExecutableReference> Framework() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(f => MetadataReference.CreateFromFile(f));

    private static IEnumerable<PortableExecutableReference> Assets(string project)
    {
        string assets = SourceTree.FullPath($"server/{project}/obj/project.assets.json");
        Assert.True(File.Exists(assets), $"There is no {assets}; run dotnet restore.");
        using var document = JsonDocument.Parse(File.ReadAllText(assets));
        string[] folders = [.. document.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name)];
        JsonElement libraries = document.RootElement.GetProperty("libraries");
        return [.. from target in document.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject()
                   where target.Value.GetProperty("type").GetString() == "package" && target.Value.TryGetProperty("compile", out _)
                   from asset in target.Value.GetProperty("compile").EnumerateObject()
                   where asset.Name.EndsWith(".dll")
                   let path = Path.Combine(libraries.GetProperty(target.Name).GetProperty("path").GetString()!, asset.Name)
                   select MetadataReference.CreateFromFile(folders.Select(f => Path.Combine(f, path)).First(File.Exists))];
    }
}
