using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>Mistral's <c>/v1/fim/completions</c>; Inception answers the same path with <c>text</c> instead of a message.</summary>
internal sealed class MistralDialect : IRemoteDialect
{
    public string Name => "mistral";

    public Uri Endpoint(RemoteAddress address) => address.AtVersioned("fim/completions");

    public JsonObject Write(RemoteHole hole) => SuffixDialect.Body(hole.Prefix, hole.Suffix, hole, []);

    public RemotePiece Read(JsonElement answer)
    {
        JsonElement? choice = answer.Choice();
        string? text = choice.Field("delta").Text("content") ?? choice.Field("message").Text("content") ?? choice.Text("text");
        return SuffixDialect.Piece(answer, text);
    }
}
