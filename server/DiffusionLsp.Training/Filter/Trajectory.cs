using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Filter;

/// <summary>One decode as training data of a filter: the proposals of every step, and the slow decode's text.</summary>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Ends">The proposed tokens that end the hole.</param>
/// <param name="Reference">The slow decode's token at each canvas position, up to its end.</param>
internal sealed record Trajectory(int[] Prompt, int[] Ends, int[] Reference, IReadOnlyList<TrajectoryStep> Steps);

/// <summary>One step: its block, its proposals as columns, and the indices of the committed ones.</summary>
/// <param name="Index">Steps already done in this block.</param>
internal sealed record TrajectoryStep(int BlockStart, int BlockEnd, int Index, int[] Positions, int[] Tokens, float[] Confidences, float[] Margins, float[] Entropies, int[] Selected)
{
    public Proposal[] Proposals() => [.. Positions.Select((p, i) => new Proposal(p, Tokens[i], Confidences[i], Margins[i], Entropies[i]))];
}

/// <summary>What the trajectories of a file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Reference">How the reference was decoded: ar or vanilla.</param>
/// <param name="Drive">What selected the commits.</param>
internal sealed record TrajectoryHeader(string Format, string Model, int BlockLength, string Reference, string Drive)
{
    public const string CurrentFormat = "diffusion-lsp-trajectories-1";
}

/// <summary>Reads and writes trajectories as a <see cref="RecordFile"/>.</summary>
internal static class TrajectoryFile
{
    public static void Write(string path, TrajectoryHeader header, IEnumerable<Trajectory> trajectories) => RecordFile.Write(path, header, trajectories);

    /// <inheritdoc cref="RecordFile.Read"/>
    public static (TrajectoryHeader Header, IReadOnlyList<Trajectory> Trajectories) Read(string path) =>
        RecordFile.Read<TrajectoryHeader, Trajectory>(path, (header => header.Format, TrajectoryHeader.CurrentFormat), ("trajectories", "filter collect"));
}
