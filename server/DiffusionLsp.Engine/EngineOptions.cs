using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models.Steps;

namespace DiffusionLsp.Engine;

/// <summary>Options for loading an engine.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder with config.json, model.safetensors (or its index) and tokenizer.json. Null: the embedded model.</summary>
    public string? ModelFolder { get; init; }

    /// <summary>Folder of the small autoregressive model that verifies drafts for the apd decoder. Null: the model's folder with "-ar" appended.</summary>
    public string? VerifierFolder { get; init; }

    /// <summary>"auto", "cpu" or "cuda".</summary>
    public string Device { get; init; } = "auto";

    /// <summary>CPU threads for computation. 0: as many as the cores available to this process.</summary>
    public int Threads { get; init; }

    /// <summary>Folder with libtorch. Null: the packaged one.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>Runs the model with libtorch even if the built-in CPU kernels could, to compare the two.</summary>
    internal bool ThroughLibtorch { get; init; }

    /// <summary>Whether forwards over few rows run as CUDA graphs on a GPU, where the model allows it.</summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>Called on the decode thread with a sentence for the log; must be short and must not throw. Null: no listener.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Creates the device that runs static steps; null: the GPU, if the model runs on one.</summary>
    internal Func<IStepDevice>? StepDevice { get; init; }

    /// <summary>Maximum number of requests decoded together. 0: 1 where each row adds to a forward's cost, as on a CPU, and 16 where rows are almost free; measured on first use.</summary>
    public int MostActive { get; init; }

    /// <summary>Maximum number of waiting requests; further ones are rejected. At least 1.</summary>
    public int MostWaiting { get; init; } = 64;

    /// <summary>Maximum number of a session's requests that wait while another one runs; 0: no limit per session.</summary>
    public int MostWaitingPerSession { get; init; }

    /// <summary>Called after every decoding round on the decode thread; must be short and must not throw. Null: no listener.</summary>
    public Action<DecodeRound>? Rounds { get; init; }

    /// <summary>Maximum number of sessions whose keys and values are kept; 0: as many as requests are decoded together.</summary>
    public int MostSessions { get; init; }

    /// <summary>Maximum bytes of the kept keys and values; null: half of the memory that is free once the model is loaded. One session is always kept.</summary>
    public long? SessionBytes { get; init; }

    /// <summary>
    /// Maximum number of prompt tokens. 0: the prompt length the model was trained with, else 4,096 on a GPU and as many as a CPU
    /// processes in about 300 ms. Always limited by the model's positions.
    /// </summary>
    public int PromptTokens { get; init; }
}
