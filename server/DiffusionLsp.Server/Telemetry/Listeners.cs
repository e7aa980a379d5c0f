using System.Collections.Immutable;
using Serilog;

namespace DiffusionLsp.Server.Telemetry;

/// <summary>
/// Tells whoever wants to know what has happened: the one way from what works to what watches. A listener that throws is logged
/// by the name of the event, and neither the other listeners nor the work notice. It knows no event and no listener.
/// </summary>
internal sealed class Listeners(ILogger log)
{
    private ImmutableArray<Action<ServerEvent>> all = [];

    /// <summary>Calls a listener for every event of its type from now on, in order of registration, on the thread where the event happened: it must be short and must not wait.</summary>
    public void On<TEvent>(Action<TEvent> listener) where TEvent : ServerEvent =>
        ImmutableInterlocked.Update(ref all, static (known, added) => known.Add(added), (Action<ServerEvent>)(happened =>
        {
            if (happened is TEvent fits) listener(fits);
        }));

    /// <summary>Never throws.</summary>
    public void Tell(ServerEvent happened)
    {
        foreach (Action<ServerEvent> listener in all)
        {
            try
            {
                listener(happened);
            }
            catch (Exception e)
            {
                log.Error(e, "a listener to {Event:l} failed", happened.GetType().Name); // the event itself may hold code
            }
        }
    }
}

/// <summary>Something that has happened. Each event is a record beside what it is about.</summary>
internal abstract record ServerEvent;
