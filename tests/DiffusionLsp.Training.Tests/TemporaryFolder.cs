namespace DiffusionLsp.Training.Tests;

/// <summary>A folder that goes away with the test. It knows nothing of its content.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("training-test");

    /// <summary>The folder's path.</summary>
    public string Path => folder.FullName;

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);
}
