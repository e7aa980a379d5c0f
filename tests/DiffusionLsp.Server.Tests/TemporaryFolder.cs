namespace DiffusionLsp.Server.Tests;

/// <summary>An empty folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("diffusion-lsp-test-").FullName;

    public string Uri => new Uri(Path).AbsoluteUri;

    /// <summary>Writes a file, creating its folders; returns its URI.</summary>
    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return new Uri(path).AbsoluteUri;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
