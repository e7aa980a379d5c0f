namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>
/// Tries several lengths and takes the one with the highest confidence, corrected for the model's bias towards short holes (CAL, arXiv
/// 2602.00476: mean confidence ÷ B(L)). The candidates depend on whether a single line is wanted.
/// </summary>
internal sealed class CalibratedLength : ILengthPolicy
{
    private static readonly int[] SingleLine = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24];
    private static readonly int[] MultiLine = [4, 8, 12, 16, 24, 32, 48, 64];

    public bool Changes => false;

    public int Choose(LengthQuestion question)
    {
        int[] candidates = [.. (question.SingleLine ? SingleLine : MultiLine).Where(l => l <= question.Most)];
        if (candidates.Length == 0) return question.Most;
        double[] confidence = question.Confidences(candidates);
        int best = 0;
        for (int i = 1; i < candidates.Length; i++)
            if (confidence[i] / Bias(candidates[i]) > confidence[best] / Bias(candidates[best])) best = i;
        return candidates[best];
    }

    /// <summary>B(L): a model's average confidence in a hole of this length, whatever it holds; fitted in section 4 of the paper.</summary>
    internal static double Bias(int length) => Math.Exp(-1.77 * length) + 0.56 * Math.Exp(-0.06 * length) + 0.24;
}
