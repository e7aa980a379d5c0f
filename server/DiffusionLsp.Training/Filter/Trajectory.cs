using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Filter;

/// <summary>One decode as a filter's training data: what was proposed in every step, and the text that slow decoding writes there.</summary>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Ends">Those of the proposed tokens that end the hole.</param>
/// <param name="Reference">The slow decode's token of each canvas position, up to its end.</param>
internal sealed record Trajectory(int[] Prompt, int[] Ends, int[] Reference, IReadOnlyList<TrajectoryStep> Steps);

/// <summary>One step: its block, its proposals as columns, and the indices that were committed.</summary>
/// <param name="Index">Steps done in this block.</param>
internal sealed record TrajectoryStep(int BlockStart, int BlockEnd, int Index, int[] Positions, int[] Tokens, float[] Confidences, float[] Margins, float[] Entropies, int[] Selected)
{
    public Proposal[] Proposals() => [.. Positions.Select((p, i) => new Proposal(p, Tokens[i], Confidences[i], Margins[i], Entropies[i]))];
}

/// <summary>What the trajectories of one file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Reference">How the reference was decoded: ar or vanilla.</param>
/// <param name="Drive">What chose the commits.</param>
internal sealed record TrajectoryHeader(string Format, string Model, int BlockLength, string Reference, string Drive)
{
    public const string CurrentFormat = "diffusion-lsp-trajectories-1";
}

/// <summary>Trajectories as a <see cref="RecordFile"/>.</summary>
internal static class TrajectoryFile
{
    public static void Write(string path, TrajectoryHeader header, IEnumerable<Trajectory> trajectories) => RecordFile.Write(path, header, trajectories);

    /// <inheritdoc cref="RecordFile.Read"/>
    public static (TrajectoryHeader Header, IReadOnlyList<Trajectory> Trajectories) Read(string path) =>
        RecordFile.Read<TrajectoryHeader, Trajectory>(path, (header => header.Format, TrajectoryHeader.CurrentFormat), ("trajectories", "filter collect"));
}
