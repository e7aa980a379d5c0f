using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// Tells one model from another without reading all of it: SHA-256 over the configuration and, of every weights file,
/// its name, its length, its beginning and windows spread evenly over it. A few milliseconds whatever the size.
/// </summary>
internal static class ModelFingerprint
{
    private const int WindowBytes = 1 << 14;
    private const int Windows = 64;

    /// <summary>64 hexadecimal digits.</summary>
    /// <exception cref="EngineException">A file cannot be read.</exception>
    public static string Of(string folder)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, "config.json")));
            foreach (string path in Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)) Append(hash, path);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The model in '{folder}' cannot be read ({e.Message.TrimEnd('.')}); check the folder and its permissions.", e);
        }
    }

    private static void Append(IncrementalHash hash, string path)
    {
        using FileStream stream = File.OpenRead(path);
        hash.AppendData(Encoding.UTF8.GetBytes($"\n{Path.GetFileName(path)} {stream.Length}\n"));
        var buffer = new byte[WindowBytes];
        for (int i = 0; i < Windows; i++)
        {
            stream.Position = (long)((stream.Length - Math.Min(stream.Length, WindowBytes)) * (i / (Windows - 1.0)));
            hash.AppendData(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }
    }
}
