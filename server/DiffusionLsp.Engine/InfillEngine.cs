using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>
/// The façade: text with a hole in, completion out. Owns the model, its K/V cache and the one thread that touches
/// the device. It knows nothing of documents, editors or protocols.
/// </summary>
public sealed class InfillEngine : IDisposable
{
    private InfillEngine(ModelSummary model) => Model = model;

    /// <summary>What was loaded.</summary>
    public ModelSummary Model { get; }

    /// <summary>Loads libtorch, the model and the tokenizer, and starts the device thread. Blocks for seconds.</summary>
    /// <exception cref="EngineException">Something is missing or wrong; the message is one sentence with cause and cure.</exception>
    public static InfillEngine Load(EngineOptions options) => throw new NotImplementedException();

    /// <summary>Fills one hole on the device thread. Requests run in order, one at a time.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before or between denoising steps.</exception>
    public Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Stops the device thread and frees the model.</summary>
    public void Dispose() { }
}

/// <summary>What a model is, in words and figures.</summary>
public sealed record ModelSummary(string Name, string Folder, string Architecture, long Parameters, int VocabularySize, string Device, string DataType, int Threads);

/// <summary>The engine cannot do what was asked. The message is one sentence that names the cause and the cure.</summary>
public sealed class EngineException(string message, Exception? inner = null) : Exception(message, inner);
