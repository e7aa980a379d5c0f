using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Keys and values as float32 in host memory. Needs no libtorch.</summary>
internal sealed unsafe class HostArena : KeyValueArena
{
    private readonly HostRotary rotary;
    private HostRows[] layers = []; // (K, slots · capacity, d) each

    /// <param name="rotary">The model's. Not owned.</param>
    /// <param name="slots">Sequences, at least 1.</param>
    /// <param name="capacity">Rows per sequence, at least 1.</param>
    public HostArena(ModelConfig config, HostRotary rotary, int slots, int capacity) : base(config)
    {
        this.rotary = rotary;
        Grow(slots, capacity);
    }

    protected override int NumberBytes => sizeof(float);

    private int Size => Config.HeadSize;

    /// <summary>Address of a slot's rows in a layer; valid until the arena grows.</summary>
    public HostRows Rows(int slot, int layer) => layers[layer].From((long)slot * Capacity * Size);

    protected override void Resize(int count, int capacity)
    {
        HostRows[] old = layers;
        long stride = (long)count * capacity * Size;
        layers = [.. Enumerable.Range(0, Config.Layers).Select(_ => new HostRows((IntPtr)HostMemory.Allocate<float>(Config.KeyValueHeads * stride), (IntPtr)HostMemory.Allocate<float>(Config.KeyValueHeads * stride), stride))];
        foreach ((HostRows from, HostRows to) in old.Zip(layers))
            for (int head = 0; head < Config.KeyValueHeads; head++)
                for (int slot = 0; slot < Slots.Count; slot++)
                {
                    long source = head * from.HeadStride + (long)slot * Capacity * Size, target = head * stride + (long)slot * capacity * Size;
                    Copy(from.Keys + source, to.Keys + target, Capacity);
                    Copy(from.Values + source, to.Values + target, Capacity);
                }
        Free(old);
    }

    internal override void Move(int slot, int from, int to, int count)
    {
        var turned = new float[count * Size];
        rotary.TurnBy(to - from, (cosines, sines) =>
        {
            for (int layer = 0; layer < layers.Length; layer++)
                for (int head = 0; head < Config.KeyValueHeads; head++)
                {
                    HostRows rows = Rows(slot, layer).From(head * layers[layer].HeadStride);
                    Copy(rows.Values + (long)from * Size, rows.Values + (long)to * Size, count);
                    fixed (float* keys = turned)
                    {
                        Copy(rows.Keys + (long)from * Size, keys, count);
                        for (int row = 0; row < count; row++) rotary.Rotate(keys + (long)row * Size, cosines, sines);
                        Copy(keys, rows.Keys + (long)to * Size, count);
                    }
                }
        });
    }

    internal override void Clear(int slot)
    {
        for (int layer = 0; layer < layers.Length; layer++)
            for (int head = 0; head < Config.KeyValueHeads; head++)
            {
                HostRows rows = Rows(slot, layer).From(head * layers[layer].HeadStride);
                new Span<float>(rows.Keys, Capacity * Size).Clear();
                new Span<float>(rows.Values, Capacity * Size).Clear();
            }
    }

    /// <summary>Copies rows; the ranges may overlap.</summary>
    private void Copy(float* from, float* to, int rows) => new ReadOnlySpan<float>(from, rows * Size).CopyTo(new Span<float>(to, rows * Size));

    private static void Free(HostRows[] layers)
    {
        foreach (HostRows layer in layers)
        {
            HostMemory.Free(layer.Keys);
            HostMemory.Free(layer.Values);
        }
    }

    public override void Dispose()
    {
        Free(layers);
        layers = [];
    }
}
