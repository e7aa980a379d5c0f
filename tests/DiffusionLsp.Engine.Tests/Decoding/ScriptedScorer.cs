using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>A scorer that returns scripted scores and records its calls. It has no network.</summary>
/// <param name="promptLength">Tokens before the canvas.</param>
/// <param name="script">Canvas position → token and its probability; the rest is shared evenly.</param>
/// <param name="reach">Whether it scores to the canvas's end.</param>
internal sealed class ScriptedScorer(int promptLength, Func<int, (int Token, double Probability)> script, bool reach = false) : ICanvasScorer
{
    public const int Vocabulary = 16;
    public const int Mask = 15;
    public const int End = 14;

    /// <summary>The canvas positions and the sequence of each call.</summary>
    public List<(int Start, int End, int[] Sequence)> Calls { get; } = [];

    public int Forwards => Calls.Count;

    public Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        (int start, int end) = (window.Start, reach ? window.CanvasEnd : window.BlockEnd);
        Calls.Add((start - promptLength, end - promptLength, sequence.ToArray()));
        var scores = new float[(end - start) * Vocabulary];
        for (int i = 0; i < end - start; i++)
        {
            (int token, double probability) = script(start - promptLength + i);
            for (int v = 0; v < Vocabulary; v++)
                scores[i * Vocabulary + v] = (float)Math.Log(v == token ? probability : (1 - probability) / (Vocabulary - 2)); // the mask gets no share
        }
        return new TensorScores(tensor(scores, [end - start, Vocabulary]).DetachFromDisposeScope());
    }
}
