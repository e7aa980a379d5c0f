namespace DiffusionLsp.Engine.Files;

/// <summary>Ensures that the process's working folder exists. It does not know who needs that.</summary>
public static class WorkingFolder
{
    /// <summary>Changes to the root of the file system if the working folder no longer exists.</summary>
    public static void Ensure()
    {
        try
        {
            if (Directory.Exists(Directory.GetCurrentDirectory())) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed, or made inaccessible by a parent folder: relative paths no longer have a meaning.
        }
        Directory.SetCurrentDirectory(Path.GetPathRoot(AppContext.BaseDirectory)!);
    }
}
