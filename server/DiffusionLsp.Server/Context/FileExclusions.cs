using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// Decides which files are excluded. Excluded files (secrets, the setting <c>exclude</c>, <c>.diffusionignore</c>) get no completions
/// and are not used as context; files that <c>.gitignore</c> ignores get completions but are not used as context for others.
/// </summary>
internal sealed class FileExclusions
{
    /// <summary>The ignore file of this server.</summary>
    public const string OwnFile = ".diffusionignore";

    private readonly IgnoreFolders own;
    private readonly IgnoreFolders git;
    private readonly IgnoreAnswers answers, gitAnswers;
    private volatile Compiled compiled = new(FileList.Empty);

    public FileExclusions(TimeProvider time)
    {
        (own, git) = (new IgnoreFolders(OwnFile, time, () => Changed?.Invoke()), new IgnoreFolders(".gitignore", time, () => Changed?.Invoke()));
        (answers, gitAnswers) = (new IgnoreAnswers(own.Ignores, time), new IgnoreAnswers(git.Ignores, time));
    }

    /// <summary>The set of excluded files may have changed, so data derived from their text must be discarded. Raised on any thread, by the query that detects the change.</summary>
    public event Action? Changed;

    /// <summary>Why a file is excluded, as one sentence; null: it is not. May read ignore files, so call it where blocking is allowed.</summary>
    public string? Reason(WorkspaceFile file, ServerSettings settings) =>
        NameReason(file, settings) ?? (file.Root is null ? null : Sentence(file, own.Ignores(file.Root, file.Path)));

    /// <summary>Why a file is excluded by its name alone (secrets, the setting <c>exclude</c>); null: it is not. Touches no disk.</summary>
    public string? NameReason(WorkspaceFile file, ServerSettings settings) => Named(settings.Exclude).Ignores(file.Path) is { } pattern
        ? $"{file.Name} is excluded by the pattern \"{pattern.Text}\" (secrets, or setting diffusionLsp.exclude); add \"!{file.Name}\" to that setting to get completions in it."
        : null;

    /// <summary>Why ignore files exclude a file; null: they do not. The task is complete if the answer is known; never waits for a disk.</summary>
    public async Task<string?> IgnoreReasonAsync(WorkspaceFile file) =>
        file.Root is null ? null : Sentence(file, await answers.FindAsync(file.Root, file.Path).ConfigureAwait(false));

    /// <summary>Whether <c>.gitignore</c> ignores a file, which is then completed only on this machine. The task is complete if the answer is known; never waits for a disk.</summary>
    public async Task<bool> IsIgnoredByGitAsync(WorkspaceFile file) => file.Root is not null && await gitAnswers.FindAsync(file.Root, file.Path).ConfigureAwait(false) is not null;

    /// <summary>Whether text of this file may be shown to the model while another file is completed. May read ignore files.</summary>
    public bool MayLeave(WorkspaceFile file, ServerSettings settings) =>
        file.Root is not null && file.IsOnDisk && Reason(file, settings) is null && git.Ignores(file.Root, file.Path) is null;

    private static string? Sentence(WorkspaceFile file, IgnorePattern? line) =>
        line is null ? null : $"{file.Name} is excluded by the line \"{line.Text}\" of {OwnFile}; change that line to get completions in it.";

    private Compiled Named(FileList list)
    {
        Compiled current = compiled;
        if (ReferenceEquals(current.List, list)) return current;
        compiled = current = new Compiled(list);
        Changed?.Invoke();
        return current;
    }

    /// <summary>Patterns for secrets and those of the setting, as one ignore file at the root.</summary>
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
