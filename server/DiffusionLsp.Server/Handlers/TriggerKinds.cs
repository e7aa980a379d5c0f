using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// Reads inline completion trigger kinds in both numberings: in LSP 3.18, 1 is invoked and 2 automatic; in the earlier proposal,
/// 0 is invoked and 1 automatic. A 1 is ambiguous until the client has sent a 0 or a 2; until then it is read as 3.18's.
/// </summary>
internal sealed class TriggerKinds
{
    private bool proposed;

    public CompletionTrigger Read(int kind)
    {
        if (kind == 0) proposed = true;
        if (kind == 2) proposed = false;
        return kind == 0 || (kind == 1 && !proposed) ? CompletionTrigger.Invoked : CompletionTrigger.Automatic;
    }
}
