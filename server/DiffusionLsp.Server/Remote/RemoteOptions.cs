namespace DiffusionLsp.Server.Remote;

/// <summary>Which engine elsewhere answers, as the settings say. They belong to the machine: no folder that somebody opens may send its reader's code somewhere.</summary>
internal sealed record RemoteOptions
{
    /// <summary>Address of the engine; empty: the model runs here.</summary>
    public string Url { get; init; } = "";

    /// <summary>A row of <see cref="RemoteKinds"/>, or <see cref="RemoteKinds.Auto"/>.</summary>
    public string Kind { get; init; } = RemoteKinds.Auto;

    /// <summary>The model's name there; empty: the one that the engine names first.</summary>
    public string Model { get; init; } = "";

    /// <summary>The family whose fill-in-the-middle marks a raw prompt gets.</summary>
    public string Template { get; init; } = RemoteKinds.NoTemplate;

    /// <summary>Environment variable that holds the key; the key itself is never a setting.</summary>
    public string KeyVariable { get; init; } = "";

    /// <summary>File that holds the key and nothing else.</summary>
    public string KeyFile { get; init; } = "";

    public RemoteFallback Fallback { get; init; } = RemoteFallback.Local;

    /// <summary>Whether text of other files may go along.</summary>
    public bool Context { get; init; } = true;

    /// <summary>Whether code may go unencrypted to another machine.</summary>
    public bool Insecure { get; init; }

    public bool IsOn => Url.Length > 0;
}

/// <summary>Who answers while the engine elsewhere does not, or a file must not leave.</summary>
internal enum RemoteFallback { Local, Never }
