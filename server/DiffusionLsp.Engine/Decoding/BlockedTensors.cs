using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>What <see cref="BlockedTokens"/> says, on a device.</summary>
internal sealed class BlockedTensors(BlockedTokens blocked, Device device) : IDisposable
{
    private readonly Dictionary<TokenSet, Tensor> made = [];

    /// <summary>(V). Not the caller's.</summary>
    public Tensor this[TokenSet set] => made.TryGetValue(set, out Tensor? known) ? known : made[set] = tensor(blocked[set], device: device).DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (Tensor tensor in made.Values) tensor.Dispose();
    }
}
