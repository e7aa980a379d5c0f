using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The vectors of <see cref="BlockedTokens"/> as tensors on a device.</summary>
internal sealed class BlockedTensors(BlockedTokens blocked, Device device) : IDisposable
{
    private readonly Dictionary<TokenSet, Tensor> made = [];
    private Tensor? bits; // created for the first static step

    /// <summary>(V). Owned by this object.</summary>
    public Tensor this[TokenSet set] => made.TryGetValue(set, out Tensor? known) ? known : made[set] = tensor(blocked[set], device: device).DetachFromDisposeScope();

    /// <summary>(sets · ceil(V / 32)) int32, every set in the order of <see cref="TokenSet"/>: a set bit excludes a token. Owned by this object.</summary>
    public Tensor Bits => bits ??= tensor(Words(), device: device).DetachFromDisposeScope();

    private int[] Words()
    {
        int words = (blocked[TokenSet.Text].Length + 31) / 32;
        var all = new int[blocked.Sets.Count * words];
        for (int set = 0; set < blocked.Sets.Count; set++)
        {
            float[] additions = blocked[blocked.Sets[set]];
            for (int id = 0; id < additions.Length; id++)
                if (additions[id] < 0) all[set * words + id / 32] |= 1 << (id % 32);
        }
        return all;
    }

    public void Dispose()
    {
        bits?.Dispose();
        foreach (Tensor tensor in made.Values) tensor.Dispose();
    }
}
