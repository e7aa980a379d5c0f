using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// Which files are nobody's business. Excluded ones (secrets, the setting <c>exclude</c>, <c>.diffusionignore</c>) get no
/// completions and are no context; those that <c>.gitignore</c> names get completions but are no context for others.
/// </summary>
internal sealed class FileExclusions(TimeProvider time)
{
    /// <summary>The ignore file of this server.</summary>
    public const string OwnFile = ".diffusionignore";

    private readonly IgnoreFolders own = new(OwnFile, time);
    private readonly IgnoreFolders git = new(".gitignore", time);
    private volatile Compiled compiled = new(FileList.Empty);

    /// <summary>Why a file is excluded, as one sentence; null: it is not.</summary>
    public string? Reason(WorkspaceFile file, ServerSettings settings)
    {
        if (Named(settings.Exclude).Ignores(file.Path) is { } pattern)
            return $"{file.Name} is excluded by the pattern \"{pattern.Text}\" (for secrets, or of the setting exclude); add \"!{file.Name}\" to that setting to have completions in it.";
        if (file.Root is not null && own.Ignores(file.Root, file.Path) is { } line)
            return $"{file.Name} is excluded by the line \"{line.Text}\" of {OwnFile}; change that to have completions in it.";
        return null;
    }

    /// <summary>Whether text of this file may be shown to the model while another file is completed.</summary>
    public bool MayLeave(WorkspaceFile file, ServerSettings settings) =>
        file.Root is not null && Reason(file, settings) is null && git.Ignores(file.Root, file.Path) is null;

    private Compiled Named(FileList list)
    {
        Compiled current = compiled;
        return ReferenceEquals(current.List, list) ? current : compiled = new Compiled(list);
    }

    /// <summary>Secrets and the setting as one ignore file at the root.</summary>
    private sealed class Compiled(FileList list)
    {
        private readonly IgnoreFile file = new([.. SecretPatterns.All, .. list.Patterns]);

        public FileList List => list;

        public IgnorePattern? Ignores(string path)
        {
            for (int end = path.IndexOf('/'); ; end = path.IndexOf('/', end + 1))
            {
                IgnorePattern? decides = file.Decides(end < 0 ? path : path[..end], end >= 0);
                if (decides is { TakesBack: false }) return decides;
                if (end < 0) return null;
            }
        }
    }
}
