namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// The input of Learn2PD's filter: the block's confidences by position. Committed positions are 1; a truncated block is padded
/// with 0.
/// </summary>
internal static class PublishedFeatures
{
    public static float[] Of(ReadOnlySpan<Proposal> proposals, int blockStart, int blockEnd, int blockLength)
    {
        var confidences = new float[blockLength];
        Array.Fill(confidences, 1, 0, Math.Min(blockLength, blockEnd - blockStart));
        foreach (Proposal p in proposals) confidences[p.Position - blockStart] = p.Confidence;
        return confidences;
    }
}
