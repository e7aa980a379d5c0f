namespace DiffusionLsp.Engine;

/// <summary>How many requests may wait. Pure.</summary>
/// <param name="Most">Of all sessions.</param>
/// <param name="MostPerSession">Of one behind one that is decoded; 0: as many as of all.</param>
internal sealed record WaitingLimits(int Most, int MostPerSession)
{
    /// <summary>With fewer than these, no limit is reached.</summary>
    public int Least => MostPerSession > 0 ? Math.Min(Most, MostPerSession) : Most;

    /// <param name="waiting">The sessions of those that wait.</param>
    /// <param name="session">Whose request is to wait too.</param>
    /// <param name="isServed">One of that session's is decoded; if none is, one more may wait, which will be the first.</param>
    /// <exception cref="EngineBusyException">It may not.</exception>
    public void Require(IEnumerable<string> waiting, string session, bool isServed)
    {
        string[] all = [.. waiting];
        if (MostPerSession > 0 && all.Count(s => s == session) >= MostPerSession + (isServed ? 0 : 1))
            throw new EngineBusyException($"This client has {MostPerSession} requests waiting already; end one, or ask again in a second.", isOwn: true);
        if (all.Length >= Most) throw new EngineBusyException($"The model has {Most} requests waiting already; ask again later, or run a second server.", isOwn: false);
    }
}
