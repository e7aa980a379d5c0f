using System.Numerics;
using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models.Steps;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>The operations of a static step in plain C# over float32 in host memory: what the CUDA kernels are compared with.</summary>
internal sealed unsafe class ReferenceKernels : StepKernels
{
    public override void Gather(nint ids, nint table, nint x, int rows, int width)
    {
        for (int r = 0; r < rows; r++) Row(table, ((int*)ids)[r], width).CopyTo(Row(x, r, width));
    }

    public override void RmsNorm(nint x, nint weight, nint y, nint pick, int rows, int width, float epsilon)
    {
        for (int r = 0; r < rows; r++) Norm(Row(x, pick == 0 ? r : ((int*)pick)[r], width), Row(weight, 0, width), Row(y, r, width), epsilon);
    }

    public override void Multiply(StepProduct p)
    {
        for (int r = 0; r < p.Rows; r++)
        {
            Span<float> x = Row(p.XAddress, r, p.Inputs), y = Row(p.YAddress, r, p.Outputs);
            for (int o = 0; o < p.Outputs; o++)
            {
                float sum = Dot(x, Row(p.WeightAddress, o, p.Inputs)) + (p.BiasAddress == 0 ? 0 : ((float*)p.BiasAddress)[o]);
                y[o] = p.Adds ? y[o] + sum : sum;
            }
        }
    }

    public override void TurnAndStore(in StepHeads h)
    {
        for (int r = 0; r < h.Rows; r++)
        {
            int store = ((int*)h.Store)[r], position = ((int*)h.Position)[r];
            for (int head = 0; head < h.Heads + h.KeyHeads; head++)
            {
                Span<float> x = Head(h, r, head);
                if (h.HeadNorm != 0) Norm(x.ToArray(), Row(h.HeadNorm, head, h.Size), x, h.Epsilon);
                Turn(x[..h.Rotated], Row(h.Cosines, position, h.Rotated), Row(h.Sines, position, h.Rotated));
                if (head >= h.Heads && store >= 0) x.CopyTo(Stored(h, h.Keys, head - h.Heads, store));
            }
            for (int head = 0; head < h.KeyHeads && store >= 0; head++) Head(h, r, h.Heads + h.KeyHeads + head).CopyTo(Stored(h, h.Values, head, store));
        }
    }

    public override void Attend(in StepHeads h)
    {
        for (int r = 0; r < h.Rows; r++)
            for (int head = 0; head < h.Heads; head++)
            {
                (int first, int seen, int of) = (((int*)h.First)[r], ((int*)h.Seen)[r], head / (h.Heads / h.KeyHeads));
                Span<float> result = Row(h.Mixed, r * h.Heads + head, h.Size);
                result.Clear();
                if (seen == 0) continue; // padding
                var scores = new float[seen];
                for (int s = 0; s < seen; s++) scores[s] = Dot(Head(h, r, head), Stored(h, h.Keys, of, first + s)) * h.Scale;
                float most = scores.Max(), sum = scores.Sum(score => MathF.Exp(score - most));
                for (int s = 0; s < seen; s++)
                {
                    Span<float> value = Stored(h, h.Values, of, first + s);
                    for (int i = 0; i < h.Size; i++) result[i] += MathF.Exp(scores[s] - most) / sum * value[i];
                }
            }
    }

    public override void SiluMultiply(nint gateUp, nint h, int rows, int inner)
    {
        for (int r = 0; r < rows; r++)
        {
            Span<float> both = Row(gateUp, r, 2 * inner), to = Row(h, r, inner);
            for (int i = 0; i < inner; i++) to[i] = both[i] / (1 + MathF.Exp(-both[i])) * both[inner + i];
        }
    }

    public override void Statistics(in StepStatistics s)
    {
        int words = (s.Vocabulary + 31) / 32;
        for (int r = 0; r < s.Rows; r++)
        {
            uint* blocked = (uint*)s.Blocked + ((int*)s.Set)[r] * words;
            (int Id, double Score)[] allowed = [.. Row(s.Logits, r, s.Vocabulary).ToArray().Select((score, id) => (id, (double)score)).Where(t => (blocked[t.id / 32] >> (t.id % 32) & 1) == 0)];
            double most = allowed.Max(t => t.Score), sum = allowed.Sum(t => Math.Exp(t.Score - most));
            (int Id, double Share)[] top = [.. allowed.Select(t => (t.Id, Math.Exp(t.Score - most) / sum)).OrderByDescending(t => t.Item2).ThenBy(t => t.Id).Take(2)];
            ((int*)s.Best)[r] = top[0].Id;
            Span<float> numbers = Row(s.Numbers, r, 3);
            (numbers[0], numbers[1]) = ((float)top[0].Share, top.Length > 1 ? (float)top[1].Share : 0);
            numbers[2] = (float)-allowed.Select(t => Math.Exp(t.Score - most) / sum).Where(p => p > 0).Sum(p => p * Math.Log(p));
        }
    }

    private static void Norm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, Span<float> y, float epsilon)
    {
        float scale = 1 / MathF.Sqrt(Dot(x, x) / x.Length + epsilon);
        for (int i = 0; i < x.Length; i++) y[i] = x[i] * scale * weight[i];
    }

    private static void Turn(Span<float> x, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines)
    {
        float[] before = x.ToArray();
        for (int i = 0; i < before.Length; i++) x[i] = before[i] * cosines[i] + before[(i + before.Length / 2) % before.Length] * sines[i];
    }

    private static Span<float> Head(in StepHeads h, int row, int head) => Row(h.QueryKeyValue, row * (h.Heads + 2 * h.KeyHeads) + head, h.Size);

    private static Span<float> Stored(in StepHeads h, nint arena, int keyHead, int row) => new((float*)arena + (keyHead * h.Total + row) * h.Size, h.Size);

    private static Span<float> Row(nint address, int row, int width) => new((float*)address + (long)row * width, width);

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a), right = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sums = default;
        for (int i = 0; i < left.Length; i++) sums += left[i] * right[i];
        float sum = Vector.Sum(sums);
        for (int i = left.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
