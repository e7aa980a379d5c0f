using DiffusionLsp.Engine.Models.FewRows;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys (rotated) and values of the rows seen so far, in buffers allocated once. Rows past <see cref="Length"/> are
/// scratch: a forward writes there, and <see cref="Advance"/> makes the first of them permanent.
/// It knows nothing of tokens.
/// </summary>
internal sealed class KeyValueCache : IKeyValueStore, IDisposable
{
    private readonly Tensor[] keys, values; // per layer (1, K, capacity, d)
    private readonly HostRows[] host; // where these lie; empty on other devices and in other types

    public KeyValueCache(ModelConfig config, long capacity, Device device, ScalarType dtype)
    {
        Capacity = capacity;
        Tensor Buffer(int _) => zeros([1, config.KeyValueHeads, capacity, config.HeadSize], dtype, device).DetachFromDisposeScope();
        keys = [.. Enumerable.Range(0, config.Layers).Select(Buffer)];
        values = [.. Enumerable.Range(0, config.Layers).Select(Buffer)];
        host = keys.All(HostMemory.IsPlain) ? [.. keys.Zip(values, (key, value) => HostRows.Of(key, value))] : [];
    }

    /// <summary>Most rows that fit, scratch rows included.</summary>
    public long Capacity { get; }

    /// <summary>Permanent rows.</summary>
    public long Length { get; private set; }

    /// <summary>Writes rows behind the permanent ones and returns all keys and values up to there.</summary>
    /// <param name="key">(1, K, T, d), rotated</param>
    /// <param name="value">(1, K, T, d)</param>
    /// <returns>Views (1, K, Length + T, d); valid until the next write.</returns>
    public (Tensor Keys, Tensor Values) Write(int layer, Tensor key, Tensor value)
    {
        long rows = key.shape[2];
        RequireRoom(rows);
        using (var slot = keys[layer].narrow(2, Length, rows)) slot.copy_(key);
        using (var slot = values[layer].narrow(2, Length, rows)) slot.copy_(value);
        return (keys[layer].narrow(2, 0, Length + rows), values[layer].narrow(2, 0, Length + rows));
    }

    /// <summary>Whether the rows lie in the host's memory as float32, for code that works on them without libtorch.</summary>
    public bool IsInHostMemory => host.Length > 0;

    /// <summary>Where the rows of a layer lie, for somebody who writes <paramref name="rows"/> scratch rows behind the permanent ones.</summary>
    public HostRows Reserve(int layer, int rows)
    {
        RequireRoom(rows);
        return host[layer];
    }

    private void RequireRoom(long rows)
    {
        if (Length + rows > Capacity) throw new InvalidOperationException($"The K/V cache holds {Capacity} rows; {Length} + {rows} do not fit.");
    }

    (Tensor Keys, Tensor Values) IKeyValueStore.Write(int layer, Tensor key, Tensor rotated, Tensor value) => Write(layer, rotated, value);

    /// <summary>Makes the next <paramref name="rows"/> scratch rows permanent.</summary>
    public void Advance(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Length + rows, Capacity);
        Length += rows;
    }

    /// <summary>Forgets every row from <paramref name="length"/> on.</summary>
    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in keys.Concat(values)) tensor.Dispose();
    }
}
