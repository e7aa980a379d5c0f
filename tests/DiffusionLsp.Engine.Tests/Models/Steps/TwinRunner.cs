using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>
/// Executes every forward twice, as a static step and as always, each with keys and values of its own, and requires equal scores. A decode that
/// runs through it proves that a scorer's rows, cuts and joins reach static steps whole.
/// </summary>
/// <param name="stepped">With static steps; its scores are what the caller gets.</param>
/// <param name="plain">Without.</param>
/// <param name="tolerance">Largest difference of two scores.</param>
internal sealed class TwinRunner(StepRunner stepped, ModelRunner plain, float tolerance) : ModelRunner
{
    public override ModelConfig Config => plain.Config;

    /// <summary>Forwards compared, and the largest difference.</summary>
    public (int Forwards, float Difference) Compared { get; private set; }

    public override KeyValueArena NewArena(int slots, int capacity)
    {
        var arena = new TwinArena(Config, stepped.NewArena(slots, capacity), plain.NewArena(slots, capacity));
        arena.Grow(slots, capacity);
        return arena;
    }

    public override Scores Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation)
    {
        if (slot is null) return plain.Score(plan, null, computed, cancellation);
        var twin = (TwinArena)slot.Arena;
        using Scores expected = plain.Score(plan, twin.Plain.Slots[slot.Index], null, CancellationToken.None);
        return Alike(expected, stepped.Score(plan, twin.Stepped.Slots[slot.Index], computed, cancellation));
    }

    public override Scores ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation)
    {
        IReadOnlyList<(KeyValueSlot, RowPlan)> In(Func<TwinArena, KeyValueArena> side) => [.. work.Select(w => (side((TwinArena)w.Slot.Arena).Slots[w.Slot.Index], w.Plan))];
        using Scores expected = plain.ScoreTogether(In(twin => twin.Plain), null, CancellationToken.None);
        return Alike(expected, stepped.ScoreTogether(In(twin => twin.Stepped), computed, cancellation));
    }

    private Scores Alike(Scores expected, Scores actual)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        float difference = (expected.On(CPU).to(ScalarType.Float32) - actual.On(CPU).to(ScalarType.Float32)).abs().max().item<float>();
        Assert.InRange(difference, 0, tolerance);
        Compared = (Compared.Forwards + 1, Math.Max(Compared.Difference, difference));
        return actual;
    }

    /// <summary>Keys and values of both.</summary>
    private sealed class TwinArena(ModelConfig config, KeyValueArena stepped, KeyValueArena plain) : KeyValueArena(config)
    {
        public KeyValueArena Stepped => stepped;
        public KeyValueArena Plain => plain;

        protected override int NumberBytes => sizeof(float);

        protected override void Resize(int count, int capacity)
        {
            stepped.Grow(count, capacity);
            plain.Grow(count, capacity);
        }

        internal override void Move(int slot, int from, int to, int count)
        {
            stepped.Move(slot, from, to, count);
            plain.Move(slot, from, to, count);
        }

        internal override void Clear(int slot)
        {
            stepped.Clear(slot);
            plain.Clear(slot);
        }

        public override void Dispose()
        {
            stepped.Dispose();
            plain.Dispose();
        }
    }
}
