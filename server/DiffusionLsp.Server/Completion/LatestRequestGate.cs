using System.Collections.Concurrent;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// The newest request wins: entering with a key cancels the request that holds it. Enter in order of arrival, before any
/// await. It knows nothing of documents or answers.
/// </summary>
internal sealed class LatestRequestGate
{
    private readonly ConcurrentDictionary<string, Lease> inside = new();

    /// <summary>Takes over the key. The lease's token is cancelled by a successor or by <paramref name="cancellation"/>.</summary>
    public Lease Enter(string key, CancellationToken cancellation)
    {
        var lease = new Lease(this, key, cancellation);
        Lease? predecessor = null;
        inside.AddOrUpdate(key, lease, (_, old) =>
        {
            predecessor = old;
            return lease;
        });
        predecessor?.Supersede();
        return lease;
    }

    /// <summary>One request's hold on a key.</summary>
    internal sealed class Lease : IDisposable
    {
        private readonly LatestRequestGate gate;
        private readonly string key;
        private readonly CancellationTokenSource source;
        private volatile bool superseded;

        internal Lease(LatestRequestGate gate, string key, CancellationToken cancellation)
        {
            this.gate = gate;
            this.key = key;
            source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Token = source.Token;
        }

        public CancellationToken Token { get; }

        /// <summary>Whether a newer request took over the key.</summary>
        public bool IsSuperseded => superseded;

        internal void Supersede()
        {
            superseded = true;
            lock (source)
            {
                if (!disposed) source.Cancel();
            }
        }

        public void Dispose()
        {
            gate.inside.TryRemove(new KeyValuePair<string, Lease>(key, this));
            lock (source)
            {
                disposed = true;
                source.Dispose();
            }
        }

        private bool disposed;
    }
}
