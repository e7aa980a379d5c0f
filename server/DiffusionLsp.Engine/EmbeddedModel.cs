namespace DiffusionLsp.Engine;

/// <summary>Finds the model that ships with DiffusionLsp. Only paths.</summary>
public static class EmbeddedModel
{
    /// <summary>A folder that was named, or the embedded model's.</summary>
    /// <exception cref="EngineException">None was named, and the embedded model is not there.</exception>
    public static string FolderOr(string? named) => named ?? Folder
        ?? throw new EngineException("The embedded model (models/nano) is not beside the program; install DiffusionLsp again, or name a model folder.");

    /// <summary>Folder <c>models/nano</c> beside the program or in a folder above it (a checkout); null when there is none.</summary>
    public static string? Folder
    {
        get
        {
            for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                string candidate = Path.Combine(at.FullName, "models", "nano");
                if (File.Exists(Path.Combine(candidate, "config.json"))) return candidate;
            }
            return null;
        }
    }
}
