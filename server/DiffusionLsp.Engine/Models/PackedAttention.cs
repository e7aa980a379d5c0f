using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Attention over rows of several sequences in one forward. Sequences with similar row counts form a group that is padded to
/// one batched product over the arena, so that the number of operators per layer does not grow with the number of sequences.
/// Padding repeats a real row and is dropped. Made once per forward, used by every layer.
/// </summary>
internal sealed class PackedAttention
{
    private readonly TensorArena arena;
    private readonly ModelConfig config;
    private readonly Tensor written; // (ΣT) rows of the arena
    private readonly List<Group> groups = [];
    private readonly Tensor? order; // (ΣT) from the groups' order to the rows'; null: they are the same

    /// <param name="work">Each sequence in its own slot.</param>
    /// <param name="dtype">The model's data type.</param>
    public PackedAttention(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, ModelConfig config, ScalarType dtype, Device device)
    {
        (arena, this.config) = ((TensorArena)work[0].Slot.Arena, config);
        foreach ((KeyValueSlot slot, RowPlan plan) in work) slot.RequireRoom(plan.Seen);
        var members = new List<Member>();
        int start = 0;
        foreach ((KeyValueSlot slot, RowPlan plan) in work)
        {
            members.Add(new Member(slot.Index, plan, start));
            start += plan.Tokens.Length;
        }
        written = tensor(members.SelectMany(m => Enumerable.Range(0, m.Plan.Tokens.Length).Select(r => (long)m.Slot * arena.Capacity + m.Plan.First + r)).ToArray(), device: device);
        var rows = new List<long>();
        // A power of two: no row is padded to more than twice its group.
        var alike = members.GroupBy(m => System.Numerics.BitOperations.RoundUpToPowerOf2((uint)m.Plan.Tokens.Length)).ToArray();
        foreach (var group in alike)
        {
            groups.Add(new Group([.. group], alike.Length == 1, arena, config, dtype, device));
            rows.AddRange(group.SelectMany(m => Enumerable.Range(m.Start, m.Plan.Tokens.Length)).Select(r => (long)r));
        }
        if (groups.Count == 1) return;
        var back = new long[rows.Count];
        for (int i = 0; i < back.Length; i++) back[rows[i]] = i;
        order = tensor(back, device: device);
    }

    /// <summary>Stores the rows' keys and values, then computes attention.</summary>
    /// <param name="query">(1, H, ΣT, d), rotated</param>
    /// <param name="key">(1, K, ΣT, d), rotated</param>
    /// <param name="value">(1, K, ΣT, d)</param>
    /// <returns>(1, H, ΣT, d)</returns>
    public Tensor Apply(int layer, Tensor query, Tensor key, Tensor value)
    {
        var (keys, values) = arena.Layer(layer);
        keys.index_copy_(1, written, key[0]);
        values.index_copy_(1, written, value[0]);
        Tensor[] seen = [.. groups.Select(group => group.Apply(query[0], keys, values, config))];
        var all = seen.Length == 1 ? seen[0] : cat(seen, dim: 1).index_select(1, order!); // (H, ΣT, d)
        return all.unsqueeze(0);
    }

    /// <param name="Start">Its first row in the forward.</param>
    private sealed record Member(int Slot, RowPlan Plan, int Start);

    private sealed class Group
    {
        private readonly int count, longest, seen, capacity, slots;
        private readonly Tensor? padded; // (B · Tmax) rows of the forward; null: the group is the whole forward and needs no padding
        private readonly Tensor? real; // (Σ T of the group) rows of the padded ones; null: all of them
        private readonly Tensor mask; // (B, 1, times · Tmax, Smax), added to the scores: a boolean mask would be converted to this in every layer
        private readonly Tensor? chosen; // (B) slots; null: consecutive from `firstSlot` on
        private readonly int firstSlot;

        /// <param name="isWhole">Whether it is the only group.</param>
        public Group(Member[] members, bool isWhole, TensorArena arena, ModelConfig config, ScalarType dtype, Device device)
        {
            (count, capacity, slots) = (members.Length, arena.Capacity, arena.Slots.Count);
            longest = members.Max(m => m.Plan.Tokens.Length);
            seen = members.Max(m => m.Plan.Seen);
            var rows = new long[count * longest];
            var limits = new long[count * longest];
            var kept = new List<long>();
            for (int b = 0; b < count; b++)
            {
                (_, RowPlan plan, int start) = members[b];
                for (int t = 0; t < longest; t++)
                {
                    int row = Math.Min(t, plan.Tokens.Length - 1);
                    rows[b * longest + t] = start + row;
                    limits[b * longest + t] = plan.Limits?[row] ?? plan.Seen;
                    if (t == row) kept.Add(b * longest + t);
                }
            }
            if (isWhole && kept.Count == rows.Length) padded = null;
            else padded = tensor(rows, device: device);
            real = kept.Count == rows.Length ? null : tensor(kept.ToArray(), device: device);
            var hidden = HeldScalars.Range(0, seen, device) >= tensor(limits, device: device).view(count, 1, longest, 1); // (B, 1, Tmax, Smax)
            mask = zeros(hidden.shape, dtype, device).Masked(hidden, float.NegativeInfinity).repeat(1, 1, config.Heads / config.KeyValueHeads, 1);
            firstSlot = members[0].Slot;
            bool sideBySide = members.Select(m => m.Slot).SequenceEqual(Enumerable.Range(firstSlot, count));
            chosen = sideBySide ? null : tensor(members.Select(m => (long)m.Slot).ToArray(), device: device);
        }

        /// <param name="query">(H, ΣT, d)</param>
        /// <param name="keys">(K, slots · capacity, d)</param>
        /// <param name="values">(K, slots · capacity, d)</param>
        /// <returns>(H, Σ T of the group, d)</returns>
        public Tensor Apply(Tensor query, Tensor keys, Tensor values, ModelConfig config)
        {
            (long heads, long kvHeads, long size) = (config.Heads, config.KeyValueHeads, config.HeadSize);
            var rows = (padded is null ? query : query.index_select(1, padded)).view(kvHeads, heads / kvHeads, count, longest, size)
                .permute(2, 0, 1, 3, 4).reshape(count, kvHeads, heads / kvHeads * longest, size); // (B, K, times · Tmax, d)
            var result = nn.functional.scaled_dot_product_attention(rows, Seen(keys), Seen(values), mask, 0.0, false);
            var apart = result.view(count, kvHeads, heads / kvHeads, longest, size).permute(1, 2, 0, 3, 4).reshape(heads, count * longest, size);
            return real is null ? apart : apart.index_select(1, real);
        }

        /// <summary>(K, slots · capacity, d) → (B, K, Smax, d).</summary>
        private Tensor Seen(Tensor all)
        {
            var apart = all.view(all.shape[0], slots, capacity, all.shape[2]).narrow(2, 0, seen);
            return (chosen is null ? apart.narrow(1, firstSlot, count) : apart.index_select(1, chosen)).transpose(0, 1);
        }
    }
}
