namespace DiffusionLsp.Engine.Files;

/// <summary>Tests whether a folder is writable by writing to it. It does not know what the folder is for.</summary>
public static class WritableFolder
{
    private const int ProbeBytes = 1 << 16; // a full disk rejects this, but would still accept an empty file

    /// <summary>Why the folder is not writable, as a clause without a full stop; null: it is. Creates the folder if it is missing.</summary>
    public static string? Problem(string folder)
    {
        string probe = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                File.WriteAllBytes(probe, new byte[ProbeBytes]);
            }
            finally
            {
                File.Delete(probe);
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // .NET reports a folder that cannot be created as not found.
            return File.Exists(folder) ? "a file has that name" : e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }
}
