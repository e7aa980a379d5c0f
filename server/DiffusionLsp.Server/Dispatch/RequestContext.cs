using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>What a request handler may see: the state at the request's place in the queue. Immutable.</summary>
internal sealed record RequestContext(
    ImmutableDictionary<string, TextDocument> Documents, ServerSettings Settings, ClientFeatures Client, ImmutableArray<string> Roots)
{
    /// <summary>The document that a client names, in any spelling; null: it is not open.</summary>
    public TextDocument? Find(string uri) => Documents.GetValueOrDefault(DocumentStore.KeyOf(uri));
}
