namespace DiffusionLsp.Engine.Files;

/// <summary>Sees to it that the process stands in a folder that exists. It does not know who needs that.</summary>
public static class WorkingFolder
{
    /// <summary>Goes to the root of the file system if the folder that the process was started in is gone.</summary>
    public static void Ensure()
    {
        try
        {
            if (Directory.Exists(Directory.GetCurrentDirectory())) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed, or hidden by a folder above it: no relative path means anything any more.
        }
        Directory.SetCurrentDirectory(Path.GetPathRoot(AppContext.BaseDirectory)!);
    }
}
