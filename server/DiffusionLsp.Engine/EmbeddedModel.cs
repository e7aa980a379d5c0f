namespace DiffusionLsp.Engine;

/// <summary>Finds the model that ships with DiffusionLsp. Only paths.</summary>
public static class EmbeddedModel
{
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
