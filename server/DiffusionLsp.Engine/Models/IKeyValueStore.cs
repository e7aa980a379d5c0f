using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Where a forward leaves the keys and values of the rows it is fed, and finds those of the rows it is not.</summary>
internal interface IKeyValueStore
{
    /// <summary>Takes the fed rows of one layer and hands out all rows that they may see.</summary>
    /// <param name="key">(1, K, T, d), as projected, not rotated</param>
    /// <param name="rotated">(1, K, T, d), the same keys rotated to their positions</param>
    /// <param name="value">(1, K, T, d)</param>
    /// <returns>Rotated keys and values, views (1, K, S, d); valid until the next write.</returns>
    (Tensor Keys, Tensor Values) Write(int layer, Tensor key, Tensor rotated, Tensor value);
}
