using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Remote;

/// <summary>The key for an engine, from where the settings say. It is sent to that engine and shown nowhere.</summary>
internal static class RemoteKey
{
    private const int Longest = 8_192;

    /// <summary>Null: none is named.</summary>
    /// <exception cref="EngineException">One is named and not there.</exception>
    public static string? Of(RemoteOptions options)
    {
        if (options.KeyVariable.Length > 0)
            return Usable(Environment.GetEnvironmentVariable(options.KeyVariable), $"The variable {options.KeyVariable} (setting diffusionLsp.remoteKeyVariable)", "set it where your editor starts");
        if (options.KeyFile.Length == 0) return null;
        string source = $"The file '{options.KeyFile}' (setting diffusionLsp.remoteKeyFile)";
        try
        {
            return Usable(RegularFile.ReadText(options.KeyFile, Longest), source, "write the key into it, alone");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{source} cannot be read ({e.Message.TrimEnd('.')}); write the key into it, alone.", e);
        }
    }

    /// <summary>One line of visible characters: anything else would end the header.</summary>
    private static string Usable(string? text, string source, string cure) => text?.Trim() is { Length: > 0 } key && key.All(c => c is > ' ' and < '\x7f')
        ? key
        : throw new EngineException($"{source} holds no key; {cure}.");
}
