using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>A family's miniature, written to a folder, loaded from it, and described once more by hand for the reference.</summary>
internal sealed class LoadedCase : IDisposable
{
    private const int Start = 11, CanvasLength = 5;

    private readonly TemporaryFolder folder = new();
    private readonly GeneratedCheckpoint checkpoint;

    public LoadedCase(FamilyCase family)
    {
        Case = family;
        checkpoint = new GeneratedCheckpoint(family);
        checkpoint.Write(folder.Path);
        Model = LoadedModel.Load(folder.Path, "cpu");
        Reference = ReferenceConfig(family);
        var random = new Random(3);
        int mask = Model.Tokenizer.Special.Mask;
        int suffix = family.Block == 0 ? 6 : 0;
        Sequence = [.. Enumerable.Range(0, Start).Select(_ => random.Next(256)), .. Enumerable.Repeat(mask, CanvasLength), .. Enumerable.Range(0, suffix).Select(_ => random.Next(256))];
    }

    public FamilyCase Case { get; }
    public LoadedModel Model { get; }
    public ModelConfig Reference { get; }
    public int[] Sequence { get; }

    /// <summary>The block that the model would decode: to the end of the canvas, or of the trained block.</summary>
    public ScoreWindow Window => new(Start, Start, BlockEnd, Start + CanvasLength);

    private int BlockEnd => Case.Block == 0 ? Start + CanvasLength : Math.Min(Start + CanvasLength, (Start / Case.Block + 1) * Case.Block);

    /// <summary>Scores of the window's positions by the reference.</summary>
    public double[][] Expected(ModelConfig? config = null)
    {
        config ??= Reference;
        int seen = Case.Block == 0 ? Sequence.Length : BlockEnd, block = config.ContextBlockSize;
        bool Visible(int row, int column) => Case.Block == 0 || column < (row / block + 1) * block;
        double[][] rows = new ReferenceTransformer(config, checkpoint.Values).Logits(Sequence[..seen], [.. Enumerable.Range(0, seen)], Visible);
        int shift = config.LogitShift ? 1 : 0;
        return rows[(Start - shift)..(BlockEnd - shift)];
    }

    /// <summary>The configuration of a family's miniature, by hand.</summary>
    public static ModelConfig ReferenceConfig(FamilyCase f) => new()
    {
        HiddenSize = f.Body.Width, Layers = f.Body.Layers, Heads = f.Body.Heads, KeyValueHeads = f.Body.KeyValueHeads, HeadSize = f.Body.HeadSize,
        IntermediateSize = f.Body.Inner, VocabularySize = (int)f.Config["vocab_size"]!, NormEpsilon = f.Body.Epsilon, RopeTheta = f.Body.Theta,
        TieEmbeddings = f.Body.Tied, AttentionBias = f.Body.Bias, QueryKeyNorm = f.Body.QueryKeyNorm, LogitShift = f.Shift,
        Attention = f.Block == 0 ? AttentionKind.Full : AttentionKind.BlockCausal, ContextBlockSize = Math.Max(1, f.Block),
        RotarySize = f.Body.Rotated > 0 ? f.Body.Rotated : null,
        Experts = f.Body.Experts is not { } e ? null : new ExpertConfig
        {
            Count = e.Count, PerToken = e.PerToken, IntermediateSize = e.Inner, SharedIntermediateSize = e.Shared, DenseLayers = e.Dense,
            Score = e.Sigmoid ? RouterScore.Sigmoid : RouterScore.Softmax, SelectionBias = e.Bias, Groups = e.Groups, GroupsPerToken = e.BestGroups,
            NormaliseWeights = e.Normalise, Scale = e.Scale,
        },
    };

    public void Dispose()
    {
        Model.Dispose();
        folder.Dispose();
    }
}
