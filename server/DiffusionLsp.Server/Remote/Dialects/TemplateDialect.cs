using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>
/// Engines without infilling, such as vLLM, which answers 400 to any suffix: the hole is sent as a prompt with the marks that the model was
/// trained with, which the model continues.
/// </summary>
internal sealed class TemplateDialect(FimMarks marks) : IRemoteDialect
{
    public string Name => RemoteKinds.Template;

    public Uri Endpoint(RemoteAddress address) => address.AtVersioned("completions");

    public JsonObject Write(RemoteHole hole)
    {
        MarkedHole fitted = marks.Fit(new MarkedHole(hole.Prefix, hole.Suffix) { Path = hole.Path, Related = hole.Related });
        string prompt = marks.Write(fitted) ?? marks.Write(fitted with { Path = null, Related = [] })
            ?? throw new RemoteException(RemoteFailure.Unsuitable, $"The text around the cursor cannot be put between the marks of {marks.Family} (setting diffusionLsp.remoteTemplate).");
        return SuffixDialect.Body(prompt, null, hole, marks.Stops);
    }

    public RemotePiece Read(JsonElement answer) => SuffixDialect.Piece(answer, answer.Choice().Text("text"));
}
