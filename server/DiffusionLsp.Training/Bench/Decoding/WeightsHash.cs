using System.Security.Cryptography;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Distinguishes models without reading gigabytes: hashes the configuration and, for every weight file, its name, length and both ends.
/// It does not protect against deliberate collisions.
/// </summary>
internal static class WeightsHash
{
    private const int End = 1 << 20;

    /// <summary>16 hexadecimal digits.</summary>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        foreach (string file in Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{Path.GetFileName(file)} {stream.Length}\n"));
            byte[] bytes = new byte[(int)Math.Min(End, stream.Length)];
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
            stream.Position = stream.Length - bytes.Length;
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
