namespace DiffusionLsp.Engine;

/// <summary>Finds the model that ships with DiffusionLsp. Deals only in paths.</summary>
public static class EmbeddedModel
{
    /// <summary>The named folder, or the embedded model's if null.</summary>
    /// <exception cref="EngineException">No folder was named, and the embedded model is missing.</exception>
    public static string FolderOr(string? named) => named ?? Folder
        ?? throw new EngineException("The embedded model (models/nano) is missing from the installation; reinstall DiffusionLsp, or name a model folder.");

    /// <summary>The folder <c>models/nano</c> beside the program or, in a checkout, in a folder above it; null: not found.</summary>
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
