namespace DiffusionLsp.Engine;

/// <summary>Limits the number of waiting requests. Pure.</summary>
/// <param name="Most">Maximum over all sessions.</param>
/// <param name="MostPerSession">Maximum per session, not counting its running request; 0: no limit per session.</param>
internal sealed record WaitingLimits(int Most, int MostPerSession)
{
    /// <summary>With fewer waiting requests than this, no limit can be reached.</summary>
    public int Least => MostPerSession > 0 ? Math.Min(Most, MostPerSession) : Most;

    /// <param name="waiting">The session of each waiting request.</param>
    /// <param name="session">The session of the new request.</param>
    /// <param name="isServed">Whether a request of that session is running; if not, one more may wait, as it will run first.</param>
    /// <exception cref="EngineBusyException">A limit is reached.</exception>
    public void Require(IEnumerable<string> waiting, string session, bool isServed)
    {
        string[] all = [.. waiting];
        if (MostPerSession > 0 && all.Count(s => s == session) >= MostPerSession + (isServed ? 0 : 1))
            throw new EngineBusyException($"This client already has {MostPerSession} requests waiting; cancel one, or try again in a second.", isOwn: true);
        if (all.Length >= Most) throw new EngineBusyException($"The model already has {Most} requests waiting; try again later, or run a second server.", isOwn: false);
    }
}
