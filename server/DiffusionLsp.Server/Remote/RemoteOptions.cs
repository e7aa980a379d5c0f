namespace DiffusionLsp.Server.Remote;

/// <summary>The settings of the remote engine. They belong to the machine: opening a folder must never cause code to be sent somewhere.</summary>
internal sealed record RemoteOptions
{
    /// <summary>Address of the engine; empty: the local model is used.</summary>
    public string Url { get; init; } = "";

    /// <summary>A row of <see cref="RemoteKinds"/>, or <see cref="RemoteKinds.Auto"/>.</summary>
    public string Kind { get; init; } = RemoteKinds.Auto;

    /// <summary>The model's name on the engine; empty: the first one that the engine names.</summary>
    public string Model { get; init; } = "";

    /// <summary>The model family whose fill-in-the-middle marks are used in raw prompts.</summary>
    public string Template { get; init; } = RemoteKinds.NoTemplate;

    /// <summary>Environment variable with the key; the key itself is never a setting.</summary>
    public string KeyVariable { get; init; } = "";

    /// <summary>File that contains only the key.</summary>
    public string KeyFile { get; init; } = "";

    public RemoteFallback Fallback { get; init; } = RemoteFallback.Local;

    /// <summary>Whether text of other files may be sent too.</summary>
    public bool Context { get; init; } = true;

    /// <summary>Whether code may be sent unencrypted to another machine.</summary>
    public bool Insecure { get; init; }

    public bool IsOn => Url.Length > 0;
}

/// <summary>What provides completions while the remote engine does not answer, or if a file must not leave the machine.</summary>
internal enum RemoteFallback { Local, Never }
