namespace DiffusionLsp.Server.Context;

/// <summary>A source of helpful text. Runs off the hot path, may read files, and stops at the query's deadline.</summary>
internal interface IContextSource
{
    /// <summary>Factor of the scores of this source's texts.</summary>
    double Weight { get; }

    /// <summary>Texts that may be shown to the model, most promising first. Enumerated lazily.</summary>
    IEnumerable<ContextText> Find(ContextQuery query);
}
