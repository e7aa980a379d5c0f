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
    public DebounceMode Debounce { get; init; } = DebounceMode.Adaptive;
    public int DebounceMs { get; init; } = 75;
    public int LatencyBudgetMs { get; init; } = 800;
    public Tristate MidLine { get; init; } = Tristate.Auto;
    public Tristate Multiline { get; init; } = Tristate.Auto;
    public int MaxTokensSingleLine { get; init; } = 32;
    public int MaxTokensMultiLine { get; init; } = 96;
    public int MaxTokensRefill { get; init; } = 128;
    public Tristate PlainCompletion { get; init; } = Tristate.Auto;
    public FileList Exclude { get; init; } = FileList.Empty;
    public Tristate Context { get; init; } = Tristate.Auto;
    public int ContextTokens { get; init; } = 160;
    public int CacheEntries { get; init; } = 100;
    public bool Speculation { get; init; } = true;
    public int MaxFileKilobytes { get; init; } = 2048;
    public int IdleUnloadMinutes { get; init; } = 15;
    public int MemoryLimitMegabytes { get; init; }
    public bool Metrics { get; init; } = true;
    public string ModelPath { get; init; } = "";
    public string LibtorchPath { get; init; } = "";
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;
    public int Threads { get; init; }
    public string Decoder { get; init; } = new DecodeOptions().Decoder;
    public double Threshold { get; init; } = new DecodeOptions().Threshold;
    public bool FileMemory { get; init; } = new DecodeOptions().FileMemory;
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
        new ChoiceSetting<DebounceMode>("debounce", "adaptive: wait up to three times debounceMs, by how fast you type, what decoding costs and how often you accept; fixed: always debounceMs.", s => s.Debounce, (s, v) => s with { Debounce = v }),
        new IntSetting("debounceMs", 0, 2000, "Milliseconds without a newer request before an automatic one is computed.", s => s.DebounceMs, (s, v) => s with { DebounceMs = v }),
        new IntSetting("latencyBudgetMs", 0, 60_000, "Milliseconds of decoding after which an automatic completion is shown as far as it is written; 0: no limit.", s => s.LatencyBudgetMs, (s, v) => s with { LatencyBudgetMs = v }),
        new ChoiceSetting<Tristate>("midLine", "Completions with text right of the cursor; auto: only where it is closing brackets, quotes or the end of an item.", s => s.MidLine, (s, v) => s with { MidLine = v }),
        new ChoiceSetting<Tristate>("multiline", "auto: several lines on empty lines and after an opened block, else one.", s => s.Multiline, (s, v) => s with { Multiline = v }),
        new IntSetting("maxTokensSingleLine", 1, 4096, "Most tokens of a one-line completion.", s => s.MaxTokensSingleLine, (s, v) => s with { MaxTokensSingleLine = v }),
        new IntSetting("maxTokensMultiLine", 1, 4096, "Most tokens of a completion of several lines.", s => s.MaxTokensMultiLine, (s, v) => s with { MaxTokensMultiLine = v }),
        new IntSetting("maxTokensRefill", 1, 4096, "Most tokens that take the place of a selection.", s => s.MaxTokensRefill, (s, v) => s with { MaxTokensRefill = v }),
        new ChoiceSetting<Tristate>("plainCompletion", "Also answer textDocument/completion; auto: only to clients without inline completion.", s => s.PlainCompletion, (s, v) => s with { PlainCompletion = v }),
        new FileListSetting("exclude", "More files without completions, whose text no other file's completion sees, as in .gitignore; \"!\" takes back.", s => s.Exclude, (s, v) => s with { Exclude = v }),
        new ChoiceSetting<Tristate>("context", "Show the model text of other files; auto: only models that are large enough to gain by it.", s => s.Context, (s, v) => s with { Context = v }),
        new IntSetting("contextTokens", 0, 4096, "Most tokens of other files' text in a prompt.", s => s.ContextTokens, (s, v) => s with { ContextTokens = v }),
        new IntSetting("cacheEntries", 0, 10_000, "Suggestions remembered, so that typing along one costs nothing.", s => s.CacheEntries, (s, v) => s with { CacheEntries = v }),
        new BoolSetting("speculation", "Decode ahead, while nobody types, what would follow the suggestion that is shown.", s => s.Speculation, (s, v) => s with { Speculation = v }),
        new IntSetting("maxFileKilobytes", 1, 65_536, "Files with more than this many thousand characters get no completions.", s => s.MaxFileKilobytes, (s, v) => s with { MaxFileKilobytes = v }),
        new IntSetting("idleUnloadMinutes", 0, 10_000, "Minutes without an edit after which the model leaves the memory; the next edit loads it again. 0: never.", s => s.IdleUnloadMinutes, (s, v) => s with { IdleUnloadMinutes = v }),
        new IntSetting("memoryLimitMegabytes", 0, 1 << 20, "Megabytes of the whole server above which the model is unloaded; 0: no limit.", s => s.MemoryLimitMegabytes, (s, v) => s with { MemoryLimitMegabytes = v }),
        new BoolSetting("metrics", "Count on this machine what was offered and accepted, for diffusion-lsp stats; never your code, never sent anywhere.", s => s.Metrics, (s, v) => s with { Metrics = v }),
        new PathSetting("modelPath", "Folder of the model; empty: the embedded one.", s => s.ModelPath, (s, v) => s with { ModelPath = v }),
        new PathSetting("libtorchPath", "Folder of libtorch to use instead of the packaged one; read once, when the server starts.", s => s.LibtorchPath, (s, v) => s with { LibtorchPath = v }),
        new ChoiceSetting<DeviceChoice>("device", "Where the model runs.", s => s.Device, (s, v) => s with { Device = v }),
        new IntSetting("threads", 0, 1024, "Threads for CPU arithmetic; 0: as many as the cores that may be used.", s => s.Threads, (s, v) => s with { Threads = v }),
        new NameSetting("decoder", Decoders.Names, "How a completion is written; auto: draft for block-causal models, else threshold.", s => s.Decoder, (s, v) => s with { Decoder = v }),
        new NumberSetting("threshold", 0, 1, "Confidence from which the decoders threshold and anchored commit a token.", s => s.Threshold, (s, v) => s with { Threshold = v }),
        new BoolSetting("fileMemory", "Let the file's own earlier text have a say in the next token, with models that come with weights for it.", s => s.FileMemory, (s, v) => s with { FileMemory = v }),
        new PathSetting("filterPath", "Filter file of the decoders learn2pd and filter; empty: the model's own.", s => s.FilterPath, (s, v) => s with { FilterPath = v }),
        new NumberSetting("filterThreshold", 0, 1, "Probability above which these two commit a token; 0: what the filter recommends.", s => s.FilterThreshold, (s, v) => s with { FilterThreshold = v }),
        new NumberSetting("apdWeight", 0, 1, "R of the decoder apd: the diffusion model's share in what is accepted; 1 accepts every draft.", s => s.ApdWeight, (s, v) => s with { ApdWeight = v }),
        new IntSetting("apdLookahead", 1, 1024, "M of the decoder apd: masks that are drafted at once.", s => s.ApdLookahead, (s, v) => s with { ApdLookahead = v }),
        new IntSetting("apdWindow", 1, 4096, "W of the decoder apd: committed tokens that are computed again with each draft, in bidirectional models with a cache.", s => s.ApdWindow, (s, v) => s with { ApdWindow = v }),
        new NameSetting("apdVerifier", Verifiers.Names, "What checks the drafts of apd: the same weights read from left to right, an n-gram model of the open text, or a small model.", s => s.ApdVerifier, (s, v) => s with { ApdVerifier = v }),
        new PathSetting("verifierPath", "Folder of that small model; empty: the model's folder with -ar appended.", s => s.VerifierPath, (s, v) => s with { VerifierPath = v }),
        new ChoiceSetting<LogLevel>("logLevel", "What goes to the log; your code never does.", s => s.LogLevel, (s, v) => s with { LogLevel = v }),
    ];
}

/// <summary>When completions are computed.</summary>
internal enum TriggerMode { Auto, Manual }

/// <summary>How the wait before decoding is chosen.</summary>
internal enum DebounceMode { Adaptive, Fixed }

/// <summary>Yes, no, or as the situation asks.</summary>
internal enum Tristate { Auto, Always, Never }

/// <summary>Where the model runs.</summary>
internal enum DeviceChoice { Auto, Cpu, Cuda }

/// <summary>How much is logged.</summary>
internal enum LogLevel { Trace, Debug, Info, Warning, Error }
