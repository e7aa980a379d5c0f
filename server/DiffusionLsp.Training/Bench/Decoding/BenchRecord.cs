namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>One method's result for one case in one setting, and its cost.</summary>
/// <param name="Case">Identifies the case, wherever it is in the list.</param>
/// <param name="Method">The method's <see cref="BenchMethod.Key"/>.</param>
/// <param name="Forwards">Forwards, including the prompt's.</param>
/// <param name="Steps">Iterations of the decoder; equal to the forwards unless an iteration needs several.</param>
/// <param name="Tokens">Tokens of the text before its end, so that no method gains by tokens that are never shown.</param>
/// <param name="Milliseconds">Prompt and decode with a cold cache; null if the text came from the exact cached path.</param>
/// <param name="Canvas">All tokens of the canvas, including those after the end of the text: the oracle's reference. Null for methods other than vanilla.</param>
/// <param name="Sitting">The start of the program that measured it; see <see cref="PartialResults.Sitting"/>.</param>
internal sealed record BenchRecord(string Setting, string Case, string Method, string Completion, int Forwards, int Steps, int Tokens, double? Milliseconds, IReadOnlyList<int>? Canvas, int Sitting);

/// <summary>What must not change within a run.</summary>
/// <param name="Weights">A hash of the model's files.</param>
/// <param name="Engine">Version of the engine; see <see cref="ThisEngine"/>.</param>
internal sealed record RunIdentity(string Model, string Weights, string Tokenizer, string Device, string DataType, int Threads, int Seed, int Engine)
{
    /// <summary>Incremented whenever a method's results or costs change, so that earlier results count as another run's.</summary>
    public const int ThisEngine = 2;
}
