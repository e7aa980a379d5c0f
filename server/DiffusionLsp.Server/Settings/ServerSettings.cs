using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;

namespace DiffusionLsp.Server.Settings;

/// <summary>
/// Every setting of the server, once: the property holds type and default, its row in <see cref="All"/> the name,
/// range and description. It does not know where values come from.
/// </summary>
internal sealed record ServerSettings
{
    /// <summary>The section under which editors keep these settings.</summary>
    public const string Section = "diffusionLsp";

    public bool Enabled { get; init; } = true;
    public LanguageSwitches Languages { get; init; } = LanguageSwitches.AllOn;
    public TriggerMode Trigger { get; init; } = TriggerMode.Auto;
    public int DebounceMs { get; init; } = 75;
    public Tristate Multiline { get; init; } = Tristate.Auto;
    public int MaxTokensSingleLine { get; init; } = 32;
    public int MaxTokensMultiLine { get; init; } = 96;
    public Tristate CompletionItems { get; init; } = Tristate.Auto;
    public int CacheEntries { get; init; } = 100;
    public int MaxFileKilobytes { get; init; } = 2048;
    public string ModelPath { get; init; } = "";
    public string LibtorchPath { get; init; } = "";
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;
    public int Threads { get; init; }
    public string Decoder { get; init; } = new DecodeOptions().Decoder;
    public double Threshold { get; init; } = new DecodeOptions().Threshold;
    public string FilterPath { get; init; } = "";
    public double FilterThreshold { get; init; }
    public double ApdWeight { get; init; } = new DecodeOptions().ApdWeight;
    public int ApdLookahead { get; init; } = new DecodeOptions().ApdLookahead;
    public int ApdWindow { get; init; } = new DecodeOptions().ApdWindow;
    public string ApdVerifier { get; init; } = new DecodeOptions().ApdVerifier;
    public string VerifierPath { get; init; } = "";
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>The table: one row per setting, in the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new BoolSetting("enabled", "Offer completions at all.", s => s.Enabled, (s, v) => s with { Enabled = v }),
        new LanguagesSetting("languages", "Completions by language identifier; \"*\" stands for every other one.", s => s.Languages, (s, v) => s with { Languages = v }),
        new ChoiceSetting<TriggerMode>("trigger", "auto: complete while typing; manual: only when the editor asks explicitly.", s => s.Trigger, (s, v) => s with { Trigger = v }),
        new IntSetting("debounceMs", 0, 2000, "Milliseconds without a newer request before an automatic one is computed.", s => s.DebounceMs, (s, v) => s with { DebounceMs = v }),
        new ChoiceSetting<Tristate>("multiline", "auto: several lines on empty lines and after an opened block, else one.", s => s.Multiline, (s, v) => s with { Multiline = v }),
        new IntSetting("maxTokensSingleLine", 1, 4096, "Most tokens of a one-line completion.", s => s.MaxTokensSingleLine, (s, v) => s with { MaxTokensSingleLine = v }),
        new IntSetting("maxTokensMultiLine", 1, 4096, "Most tokens of a completion of several lines.", s => s.MaxTokensMultiLine, (s, v) => s with { MaxTokensMultiLine = v }),
        new ChoiceSetting<Tristate>("completionItems", "Also answer textDocument/completion; auto: only to clients without inline completion.", s => s.CompletionItems, (s, v) => s with { CompletionItems = v }),
        new IntSetting("cacheEntries", 0, 10_000, "Suggestions remembered, so that typing along one costs nothing.", s => s.CacheEntries, (s, v) => s with { CacheEntries = v }),
        new IntSetting("maxFileKilobytes", 1, 65_536, "Files with more than this many thousand characters get no completions.", s => s.MaxFileKilobytes, (s, v) => s with { MaxFileKilobytes = v }),
        new TextSetting("modelPath", "Folder of the model; empty: the embedded one.", s => s.ModelPath, (s, v) => s with { ModelPath = v }),
        new TextSetting("libtorchPath", "Folder of libtorch to use instead of the packaged one; read once, when the server starts.", s => s.LibtorchPath, (s, v) => s with { LibtorchPath = v }),
        new ChoiceSetting<DeviceChoice>("device", "Where the model runs.", s => s.Device, (s, v) => s with { Device = v }),
        new IntSetting("threads", 0, 1024, "Threads for CPU arithmetic; 0: as many as the cores that may be used.", s => s.Threads, (s, v) => s with { Threads = v }),
        new NameSetting("decoder", Decoders.Names, "How a completion is written; auto: draft for block-causal models, else threshold.", s => s.Decoder, (s, v) => s with { Decoder = v }),
        new NumberSetting("threshold", 0, 1, "Confidence from which the decoders threshold and anchored commit a token.", s => s.Threshold, (s, v) => s with { Threshold = v }),
        new TextSetting("filterPath", "Filter file of the decoders learn2pd and filter; empty: the model's own.", s => s.FilterPath, (s, v) => s with { FilterPath = v }),
        new NumberSetting("filterThreshold", 0, 1, "Probability above which these two commit a token; 0: what the filter recommends.", s => s.FilterThreshold, (s, v) => s with { FilterThreshold = v }),
        new NumberSetting("apdWeight", 0, 1, "R of the decoder apd: the diffusion model's share in what is accepted; 1 accepts every draft.", s => s.ApdWeight, (s, v) => s with { ApdWeight = v }),
        new IntSetting("apdLookahead", 1, 1024, "M of the decoder apd: masks that are drafted at once.", s => s.ApdLookahead, (s, v) => s with { ApdLookahead = v }),
        new IntSetting("apdWindow", 1, 4096, "W of the decoder apd: committed tokens that are computed again with each draft, in bidirectional models with a cache.", s => s.ApdWindow, (s, v) => s with { ApdWindow = v }),
        new NameSetting("apdVerifier", Verifiers.Names, "What checks the drafts of apd: the same weights read from left to right, an n-gram model of the open text, or a small model.", s => s.ApdVerifier, (s, v) => s with { ApdVerifier = v }),
        new TextSetting("verifierPath", "Folder of that small model; empty: the model's folder with -ar appended.", s => s.VerifierPath, (s, v) => s with { VerifierPath = v }),
        new ChoiceSetting<LogLevel>("logLevel", "What goes to the log; your code never does.", s => s.LogLevel, (s, v) => s with { LogLevel = v }),
    ];
}

/// <summary>When completions are computed.</summary>
internal enum TriggerMode { Auto, Manual }

/// <summary>Yes, no, or as the situation asks.</summary>
internal enum Tristate { Auto, Always, Never }

/// <summary>Where the model runs.</summary>
internal enum DeviceChoice { Auto, Cpu, Cuda }

/// <summary>How much is logged.</summary>
internal enum LogLevel { Trace, Debug, Info, Warning, Error }
