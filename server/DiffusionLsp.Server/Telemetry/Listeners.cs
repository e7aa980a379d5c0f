using System.Collections.Immutable;
using Serilog;

namespace DiffusionLsp.Server.Telemetry;

/// <summary>
/// Delivers events to listeners: the only path from the code that does the work to the code that observes it. An exception in a listener is logged
/// with the event's name and affects neither other listeners nor the work. It knows no event and no listener.
/// </summary>
internal sealed class Listeners(ILogger log)
{
    private ImmutableArray<Action<ServerEvent>> all = [];

    /// <summary>Calls a listener for every later event of its type, in order of registration, on the thread where the event happens: it must be short and must not block.</summary>
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
                log.Error(e, "a listener to {Event:l} failed", happened.GetType().Name); // the event itself may contain code
            }
        }
    }
}

/// <summary>Something that has happened. Each event is a record next to its subject.</summary>
internal abstract record ServerEvent;
