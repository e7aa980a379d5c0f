using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Which libtorch is used: a named folder before a packaged one before a downloaded one; a Python environment may be named as a whole.</summary>
public sealed class LibtorchPlaceTests : IDisposable
{
    private const string Library = "libtorch_cpu.so";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("lib")]
    [InlineData("torch/lib")]
    [InlineData("lib/python3.12/site-packages/torch/lib")]
    [InlineData("Lib/site-packages/torch/lib")]
    public void A_folder_that_was_named_is_searched(string within)
    {
        string lies = Put(Path.Combine("named", within));
        string other = Put("beside");
        LibtorchPlace? place = LibtorchPlace.Find(Path.Combine(folder.Path, "named"), other, other, Library);
        Assert.Equal(lies, Path.TrimEndingDirectorySeparator(place!.Folder));
        Assert.Equal("set by you", place.Origin);
    }

    [Fact]
    public void A_folder_that_was_named_and_holds_none_is_refused()
    {
        string beside = Put("beside");
        string empty = Directory.CreateDirectory(Path.Combine(folder.Path, "empty", "lib", "python3.12")).Parent!.Parent!.FullName;
        string message = Assert.Throws<NativeBackendException>(() => LibtorchPlace.Find(empty, beside, null, Library)).Message;
        Assert.Contains($"'{empty}' does not contain {Library}", message);
        Assert.Contains("diffusion-lsp libtorch fetch", message);
    }

    [Theory]
    [InlineData(true, true, "packaged")]
    [InlineData(false, true, "fetched")]
    [InlineData(true, false, "packaged")]
    [InlineData(false, false, null)]
    public void What_is_packaged_goes_before_what_was_fetched(bool isPackaged, bool isFetched, string? origin)
    {
        string? beside = isPackaged ? Put("beside") : null;
        string fetched = isFetched ? Put("fetched") : Path.Combine(folder.Path, "nothing");
        Assert.Equal(origin, LibtorchPlace.Find(" ", beside, fetched, Library)?.Origin);
        Assert.Equal(origin, LibtorchPlace.Find(null, beside, fetched, Library)?.Origin);
    }

    [Fact]
    public void The_table_of_packages_names_what_TorchSharp_loads()
    {
        Assert.All(LibtorchPackage.All, package =>
        {
            string[] names = [.. package.Files.Select(file => Path.GetFileNameWithoutExtension(file.Name).Replace("lib", ""))];
            Assert.Superset(new HashSet<string> { "c10", "torch", "torch_cpu" }, names.ToHashSet());
            Assert.All(package.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        });
    }

    [PackagedFact]
    public void The_packaged_libtorch_is_the_one_in_the_table()
    {
        LibtorchFile file = LibtorchPackage.Here!.Files.Single(f => f.Name.Contains("c10"));
        byte[] content = File.ReadAllBytes(Path.Combine(NativeBackend.Load().LibtorchFolder, file.Name));
        Assert.Equal((file.Bytes, file.Sha256), (content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))));
    }

    /// <summary>Needs a build with the package of libtorch for the CPU, as the default one is where such a package exists.</summary>
    private sealed class PackagedFactAttribute : FactAttribute
    {
        public PackagedFactAttribute() => Skip = LibtorchPackage.Here is not null && NativeBackend.Find() is { Origin: "packaged" } ? null : "This build or platform has no packaged libtorch, or another one is named.";
    }

    private string Put(string within)
    {
        string lies = Directory.CreateDirectory(folder.File(within)).FullName;
        File.WriteAllText(Path.Combine(lies, Library), "");
        return Path.TrimEndingDirectorySeparator(lies);
    }
}
