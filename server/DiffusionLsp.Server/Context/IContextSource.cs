namespace DiffusionLsp.Server.Context;

/// <summary>One place where helpful text is looked for. Runs off the hot path, may read files, and stops when the query says so.</summary>
internal interface IContextSource
{
    /// <summary>What a text from here is worth, compared to equally similar ones from elsewhere.</summary>
    double Weight { get; }

    /// <summary>Texts that may leave their file, the likeliest first. Enumerated lazily.</summary>
    IEnumerable<ContextText> Find(ContextQuery query);
}
