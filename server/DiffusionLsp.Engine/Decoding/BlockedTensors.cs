using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The vectors of <see cref="BlockedTokens"/> as tensors on a device.</summary>
internal sealed class BlockedTensors(BlockedTokens blocked, Device device) : IDisposable
{
    private readonly Dictionary<TokenSet, Tensor> made = [];

    /// <summary>(V). Owned by this object.</summary>
    public Tensor this[TokenSet set] => made.TryGetValue(set, out Tensor? known) ? known : made[set] = tensor(blocked[set], device: device).DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (Tensor tensor in made.Values) tensor.Dispose();
    }
}
