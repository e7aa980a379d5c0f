namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>What one method wrote for one case in one setting, and what it cost.</summary>
/// <param name="Case">Names the case, whatever its place in the list.</param>
/// <param name="Method">The method's <see cref="BenchMethod.Key"/>.</param>
/// <param name="Forwards">Forward passes, the prompt's included.</param>
/// <param name="Steps">Iterations of the decoder; as many as forward passes unless it needs several for one.</param>
/// <param name="Tokens">Tokens of the text before its end: the text's, so that no method gains by tokens that nobody sees.</param>
/// <param name="Milliseconds">Prompt and decode, with a cold cache; null where the text came from the exact cached path.</param>
/// <param name="Canvas">Every token of the canvas, also behind the end of the text: the oracle's reference; null of other methods than vanilla.</param>
/// <param name="Sitting">Which start of the program measured it.</param>
internal sealed record BenchRecord(string Setting, string Case, string Method, string Completion, int Forwards, int Steps, int Tokens, double? Milliseconds, IReadOnlyList<int>? Canvas, int Sitting);

/// <summary>What must not change within one run.</summary>
/// <param name="Weights">A hash of the model's files.</param>
/// <param name="Engine">Which state of the engine; see <see cref="ThisEngine"/>.</param>
internal sealed record RunIdentity(string Model, string Weights, string Tokenizer, string Device, string DataType, int Threads, int Seed, int Engine)
{
    /// <summary>Raised whenever what a method computes changes, or what it costs: earlier results are then another run's.</summary>
    public const int ThisEngine = 2;
}
