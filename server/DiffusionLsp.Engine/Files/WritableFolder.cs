namespace DiffusionLsp.Engine.Files;

/// <summary>Finds out by trying whether a folder takes files. It does not know what they are for.</summary>
public static class WritableFolder
{
    private const int ProbeBytes = 1 << 16; // what a full disk does not take, while a file without content is no matter to it

    /// <summary>Why nothing can be written there, in words without a full stop; null: it can. Makes the folder if there is none.</summary>
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
            // .NET says that what cannot be made was not found.
            return File.Exists(folder) ? "a file has that name" : e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }
}
