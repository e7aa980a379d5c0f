using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Remote;

/// <summary>Reads the API key from where the settings say. It is sent only to that engine and never shown.</summary>
internal static class RemoteKey
{
    private const int Longest = 8_192;

    /// <summary>The key; null: none is configured.</summary>
    /// <exception cref="EngineException">A configured key is missing or unusable.</exception>
    public static string? Of(RemoteOptions options)
    {
        if (options.KeyVariable.Length > 0)
            return Usable(Environment.GetEnvironmentVariable(options.KeyVariable), $"The variable {options.KeyVariable} (setting diffusionLsp.remoteKeyVariable)", "set it where your editor starts");
        if (options.KeyFile.Length == 0) return null;
        string source = $"The file '{options.KeyFile}' (setting diffusionLsp.remoteKeyFile)";
        try
        {
            return Usable(RegularFile.ReadText(options.KeyFile, Longest), source, "write only the key into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{source} cannot be read ({e.Message.TrimEnd('.')}); write only the key into it.", e);
        }
    }

    /// <summary>Requires one line of visible characters, since anything else would end the header.</summary>
    private static string Usable(string? text, string source, string cure) => text?.Trim() is { Length: > 0 } key && key.All(c => c is > ' ' and < '\x7f')
        ? key
        : throw new EngineException($"{source} contains no key; {cure}.");
}
