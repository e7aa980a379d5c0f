using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>What an engine needs to start.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder with config.json, model.safetensors (or its index) and tokenizer.json. Null: the embedded model.</summary>
    public string? ModelFolder { get; init; }

    /// <summary>Folder of the small autoregressive model that verifies for the decoder apd. Null: the model's folder with "-ar" appended.</summary>
    public string? VerifierFolder { get; init; }

    /// <summary>"auto", "cpu" or "cuda".</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads for CPU arithmetic. 0: as many as the cores this process may use.</summary>
    public int Threads { get; init; }

    /// <summary>Folder with libtorch to use instead of the packaged one.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>Lets libtorch run the model, also where kernels of our own would: to compare the two.</summary>
    internal bool ThroughLibtorch { get; init; }

    /// <summary>Requests that are decoded together. 0: one where a row of a forward has its price, as on a CPU; 16 where rows cost next to nothing, as measured when it first matters.</summary>
    public int MostActive { get; init; }

    /// <summary>Requests that may wait; one more is refused. At least 1.</summary>
    public int MostWaiting { get; init; } = 64;

    /// <summary>Requests of one session that may wait behind one that is decoded; 0: as many as may wait at all.</summary>
    public int MostWaitingPerSession { get; init; }

    /// <summary>Told of every round of decoding, on the device thread. It must be short and must not throw. Null: nobody listens.</summary>
    public Action<DecodeRound>? Rounds { get; init; }

    /// <summary>Sessions whose keys and values are kept; 0: as many as requests are decoded together.</summary>
    public int MostSessions { get; init; }

    /// <summary>Most memory of these; null: half of what is free when the model is loaded. One session is always kept.</summary>
    public long? SessionBytes { get; init; }

    /// <summary>
    /// Most prompt tokens fed to the model. 0: what the model was trained with, 4,096 on a GPU, and on a CPU as many as it reads in
    /// about 300 ms. Never more than its positions allow.
    /// </summary>
    public int PromptTokens { get; init; }
}
