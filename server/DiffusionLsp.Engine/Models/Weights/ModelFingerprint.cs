using System.Text;
using DiffusionLsp.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// Identifies a model without reading all of it: SHA-256 over the configuration and, for every weights file, its name, its
/// length, its beginning and windows spread evenly over it. Takes a few milliseconds whatever the size.
/// </summary>
internal static class ModelFingerprint
{
    private const int WindowBytes = 1 << 14;
    private const int Windows = 64;
    private const int MostConfigBytes = 16 << 20;

    /// <summary>64 hexadecimal digits.</summary>
    /// <exception cref="EngineException">A file cannot be read.</exception>
    public static string Of(string folder)
    {
        try
        {
            var hash = new Sha256();
            hash.Append(RegularFile.ReadBytes(Path.Combine(folder, "config.json"), MostConfigBytes));
            foreach (string path in Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)) Append(hash, path);
            return Convert.ToHexStringLower(hash.Finish());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The model in '{folder}' cannot be read ({e.Message.TrimEnd('.')}); check the folder and its permissions.", e);
        }
    }

    private static void Append(Sha256 hash, string path)
    {
        using SafeFileHandle file = RegularFile.Open(path);
        long length = RandomAccess.GetLength(file);
        hash.Append(Encoding.UTF8.GetBytes($"\n{Path.GetFileName(path)} {length}\n"));
        var buffer = new byte[Math.Min(length, WindowBytes)];
        for (int i = 0; i < Windows; i++)
        {
            RegularFile.ReadExactly(file, buffer, (long)((length - buffer.Length) * (i / (Windows - 1.0))));
            hash.Append(buffer);
        }
    }
}
