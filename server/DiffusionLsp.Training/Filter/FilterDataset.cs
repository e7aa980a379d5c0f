using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Filter;

/// <summary>Rows of a filter's inputs with a label for each output, in three parts that share no trajectory.</summary>
internal sealed record FilterDataset(FilterRows Train, FilterRows Validation, FilterRows Test)
{
    /// <summary>Replays trajectories with the code that serves. Eight tenths are for training, one tenth for early stopping and calibration, one for the report.</summary>
    /// <param name="blockLength">Block length of the trajectories.</param>
    public static FilterDataset Of(FilterKind kind, IReadOnlyList<Trajectory> trajectories, int blockLength, int seed)
    {
        var parts = new[] { new FilterRows(), new FilterRows(), new FilterRows() };
        for (int i = 0; i < trajectories.Count; i++)
        {
            FilterRows part = parts[(RowSource.HashCode(seed, i) % 10) switch { 8 => 1, 9 => 2, _ => 0 }];
            if (kind is FilterKind.Published) AddPublished(part, trajectories[i], blockLength);
            else AddPositions(part, trajectories[i]);
        }
        return new FilterDataset(parts[0], parts[1], parts[2]);
    }

    /// <summary>As published: one row per step with a label for every position, including decoded ones.</summary>
    private static void AddPublished(FilterRows rows, Trajectory trajectory, int blockLength)
    {
        foreach (TrajectoryStep step in trajectory.Steps)
        {
            Proposal[] proposals = step.Proposals();
            var labels = new float[blockLength];
            Array.Fill(labels, 1, 0, Math.Min(blockLength, step.BlockEnd - step.BlockStart));
            foreach (Proposal p in proposals) labels[p.Position - step.BlockStart] = IsRight(trajectory, p) ? 1 : 0;
            rows.Add(PublishedFeatures.Of(proposals, step.BlockStart, step.BlockEnd, blockLength), labels);
        }
    }

    /// <summary>One row per masked position except the leftmost, which is always committed.</summary>
    private static void AddPositions(FilterRows rows, Trajectory trajectory)
    {
        var features = new PositionFeatures(trajectory.Prompt, trajectory.Ends.ToHashSet().Contains);
        foreach (TrajectoryStep step in trajectory.Steps)
        {
            Proposal[] proposals = step.Proposals();
            float[][] inputs = features.Of(proposals, new DecodeStep(step.BlockStart, step.BlockEnd, step.Index));
            for (int i = 1; i < proposals.Length; i++) rows.Add(inputs[i], [IsRight(trajectory, proposals[i]) ? 1 : 0]);
            features.Commit(proposals, step.Selected);
        }
    }

    /// <summary>
    /// Whether committing now leaves the final text unchanged. After the reference's end everything counts as wrong, since an end token
    /// committed there too early would come first.
    /// </summary>
    private static bool IsRight(Trajectory trajectory, Proposal p) => p.Position < trajectory.Reference.Length && trajectory.Reference[p.Position] == p.TokenId;
}

/// <summary>Inputs and labels, row by row.</summary>
internal sealed class FilterRows
{
    private readonly List<float[]> inputs = [], labels = [];

    public int Count => inputs.Count;
    public IReadOnlyList<float[]> Inputs => inputs;
    public IReadOnlyList<float[]> Labels => labels;

    public void Add(float[] input, float[] label)
    {
        inputs.Add(input);
        labels.Add(label);
    }
}
