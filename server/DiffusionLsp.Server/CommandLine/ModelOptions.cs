using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Lengths;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The options that choose a model and where it runs, the same for all verbs.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> model = OptionKinds.Path("--model", "Folder of the model; without it, the embedded one.", "DIR");
    private readonly Option<string?> device = OptionKinds.Choice("--device", "Where the model runs.", "auto", "cpu", "cuda");
    private readonly Option<int?> threads = OptionKinds.Integer("--threads", "Threads for CPU arithmetic; 0: as many as the cores that may be used.", 0, 1024);
    private readonly Option<string?> verifier = OptionKinds.Path("--verifier-model", "Folder of the small autoregressive model for apd; without it, the model's folder with -ar appended.", "DIR");
    private readonly Option<string?> libtorch = OptionKinds.Path("--libtorch", "Folder of libtorch to use instead of the packaged one.", "DIR");

    public ModelOptions AddTo(Command command)
    {
        command.Add(model);
        command.Add(device);
        command.Add(threads);
        command.Add(libtorch);
        command.Add(verifier);
        return this;
    }

    public string? Model(ParseResult parsed) => parsed.GetValue(model);

    public string? Device(ParseResult parsed) => parsed.GetValue(device);

    public int? Threads(ParseResult parsed) => parsed.GetValue(threads);

    public string? Libtorch(ParseResult parsed) => parsed.GetValue(libtorch);

    public string? Verifier(ParseResult parsed) => parsed.GetValue(verifier);

    public EngineOptions Engine(ParseResult parsed)
    {
        if (Model(parsed) is { } folder && !Directory.Exists(folder)) throw new UserException($"There is no model folder '{folder}'.");
        return new EngineOptions
        {
            ModelFolder = Model(parsed),
            Device = Device(parsed) ?? "auto",
            Threads = Threads(parsed) ?? 0,
            LibtorchFolder = Libtorch(parsed),
            VerifierFolder = Verifier(parsed),
        };
    }
}

/// <summary>The options that say how to decode.</summary>
internal sealed class DecoderOptions
{
    private readonly Option<string?> decoder = OptionKinds.Choice("--decoder", "How a completion is written; auto, the default: draft for block-causal models, else threshold.", [.. Decoders.Names]);
    private readonly Option<string?> cache = OptionKinds.Choice("--cache", "What is kept instead of being computed again.", "none", "prefix", "dual");
    private readonly Option<int?> refresh = OptionKinds.Integer("--refresh-every", "With a cached bidirectional model: every how many blocks everything is computed again.", 1, 64);
    private readonly Option<int?> block = OptionKinds.Integer("--block", "Masks that are decoded together.", 1, 256);
    private readonly Option<int?> length = OptionKinds.Integer("--length", "Most tokens of a completion.", 1, 4096);
    private readonly Option<string?> lengthPolicy = OptionKinds.Choice("--length-policy", "How the length of a hole between two texts is found.", [.. LengthPolicies.Names]);
    private readonly Option<double?> threshold = OptionKinds.Number("--threshold", "Confidence from which the threshold decoder commits a token.", 0, 1);
    private readonly Option<string?> filter = OptionKinds.Path("--filter", "Filter file of the decoders learn2pd and filter; without it, the model's own.", "FILE");
    private readonly Option<double?> filterThreshold = OptionKinds.Number("--filter-threshold", "Probability above which a filter commits a token; without it, what the filter recommends.", 0, 1);
    private readonly Option<int?> tokensPerStep = OptionKinds.Integer("--tokens-per-step", "Tokens that the fixed decoder commits in each step.", 1, 256);
    private readonly Option<double?> apdWeight = OptionKinds.Number("--apd-weight", "R of apd: the diffusion model's share in what is accepted; 1 accepts every draft.", 0, 1);
    private readonly Option<int?> apdLookahead = OptionKinds.Integer("--apd-lookahead", "M of apd: masks that are drafted at once.", 1, 1024);
    private readonly Option<int?> apdWindow = OptionKinds.Integer("--apd-window", "W of apd: committed tokens that are computed again with each draft, in bidirectional models with a cache.", 1, 4096);
    private readonly Option<string?> apdMode = OptionKinds.Choice("--apd-mode", "How apd draws from its target: with the draft's noise, or always the most probable token.", "coupled", "greedy");
    private readonly Option<string?> apdVerifier = OptionKinds.Choice("--apd-verifier", "What checks the drafts of apd.", [.. Verifiers.Names]);
    private readonly Option<string?> fileMemory = OptionKinds.Choice("--file-memory", "Whether the file's own earlier text has a say in the next token; without it, on.", "on", "off");
    private readonly Option<double?> temperature = OptionKinds.Number("--temperature", "0: the most probable token; above: drawn.", 0, 2);
    private readonly Option<int?> seed = OptionKinds.Integer("--seed", "Seed of everything random.", int.MinValue, int.MaxValue);

    public DecoderOptions AddTo(Command command)
    {
        command.Add(decoder);
        command.Add(cache);
        command.Add(refresh);
        command.Add(block);
        command.Add(length);
        command.Add(lengthPolicy);
        command.Add(threshold);
        command.Add(filter);
        command.Add(filterThreshold);
        command.Add(tokensPerStep);
        command.Add(apdWeight);
        command.Add(apdLookahead);
        command.Add(apdWindow);
        command.Add(apdMode);
        command.Add(apdVerifier);
        command.Add(fileMemory);
        command.Add(temperature);
        command.Add(seed);
        return this;
    }

    /// <summary>The options given, over the engine's defaults.</summary>
    /// <param name="defaultLength">Most tokens if the command line does not say.</param>
    public DecodeOptions Decode(ParseResult parsed, int? defaultLength = null)
    {
        var defaults = new DecodeOptions();
        return defaults with
        {
            Decoder = parsed.GetValue(decoder) ?? defaults.Decoder,
            Cache = parsed.GetValue(cache) is { } kind ? Enum.Parse<CacheKind>(kind, ignoreCase: true) : defaults.Cache,
            RefreshEvery = parsed.GetValue(refresh) ?? defaults.RefreshEvery,
            BlockLength = parsed.GetValue(block) ?? defaults.BlockLength,
            Length = parsed.GetValue(length) ?? defaultLength ?? defaults.Length,
            LengthPolicy = parsed.GetValue(lengthPolicy) ?? defaults.LengthPolicy,
            Threshold = parsed.GetValue(threshold) ?? defaults.Threshold,
            Filter = parsed.GetValue(filter),
            FilterThreshold = parsed.GetValue(filterThreshold),
            TokensPerStep = parsed.GetValue(tokensPerStep) ?? defaults.TokensPerStep,
            ApdWeight = parsed.GetValue(apdWeight) ?? defaults.ApdWeight,
            ApdLookahead = parsed.GetValue(apdLookahead) ?? defaults.ApdLookahead,
            ApdWindow = parsed.GetValue(apdWindow) ?? defaults.ApdWindow,
            ApdMode = parsed.GetValue(apdMode) is { } mode ? Enum.Parse<ApdMode>(mode, ignoreCase: true) : defaults.ApdMode,
            ApdVerifier = parsed.GetValue(apdVerifier) ?? defaults.ApdVerifier,
            FileMemory = parsed.GetValue(fileMemory) is not "off",
            Temperature = parsed.GetValue(temperature) ?? defaults.Temperature,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
        };
    }
}
