using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Server.Remote;
using static DiffusionLsp.Server.Settings.Setting;

namespace DiffusionLsp.Server.Settings;

/// <summary>
/// Every setting of the server, declared once: the property has the type and default, its row in <see cref="All"/> the name, range and
/// description. Decoding knobs contribute their own rows. It does not know where values come from.
/// </summary>
internal sealed record ServerSettings
{
    /// <summary>The section under which editors keep these settings.</summary>
    public const string Section = "diffusionLsp";

    public bool Enabled { get; init; } = true;
    public LanguageSwitches Languages { get; init; } = LanguageSwitches.Default;
    public TriggerMode Trigger { get; init; } = TriggerMode.Auto;
    public DebounceMode Debounce { get; init; } = DebounceMode.Adaptive;
    public int DebounceMs { get; init; } = 75;
    public int LatencyBudgetMs { get; init; } = 800;
    public SuggestionMode Suggestions { get; init; } = SuggestionMode.Balanced;
    public bool LearnFromUse { get; init; } = true;
    public Tristate MidLine { get; init; } = Tristate.Auto;
    public Tristate Multiline { get; init; } = Tristate.Auto;
    public int MaxTokensSingleLine { get; init; } = 32;
    public int MaxTokensMultiLine { get; init; } = 96;
    public int MaxTokensRefill { get; init; } = 128;
    public Tristate PlainCompletion { get; init; } = Tristate.Auto;
    public FileList Exclude { get; init; } = FileList.Empty;
    public Tristate Context { get; init; } = Tristate.Auto;
    public int PromptTokens { get; init; }
    public int CrossFileTokens { get; init; } = 1024;
    public bool WorkspaceCache { get; init; } = true;
    public int CacheEntries { get; init; } = 100;
    public bool Prefetch { get; init; } = true;
    public int MaxFileKilobytes { get; init; } = 2048;
    public int IdleUnloadMinutes { get; init; } = 15;
    public int MemoryLimitMegabytes { get; init; }
    public bool Metrics { get; init; } = true;
    public string ModelPath { get; init; } = "";
    public string LibtorchPath { get; init; } = "";
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;
    public int Threads { get; init; }
    public bool CudaGraphs { get; init; } = true;
    public DecodeOptions Decode { get; init; } = new();
    public string VerifierPath { get; init; } = "";
    public RemoteOptions Remote { get; init; } = new();
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>The table: one row per setting, in the order of the documentation.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Of("enabled", new SwitchKind(), "Turn completions on or off.", s => s.Enabled, (s, v) => s with { Enabled = v }),
        Of("languages", new LanguagesKind(), "Turn completions on or off by language identifier; \"*\" stands for all others except Markdown and plain text, which are off unless named.", s => s.Languages, (s, v) => s with { Languages = v }),
        Of("trigger", new EnumKind<TriggerMode>(), "auto: complete while you type; manual: only when you ask.", s => s.Trigger, (s, v) => s with { Trigger = v }),
        Of("debounce", new EnumKind<DebounceMode>(), "adaptive: wait up to three times `debounceMs`, depending on how fast you type, how long decoding takes and how often you accept; fixed: always `debounceMs`.", s => s.Debounce, (s, v) => s with { Debounce = v }),
        Of("debounceMs", new IntKind(0, 2000), "Milliseconds to wait for a newer request before an automatic one is computed.", s => s.DebounceMs, (s, v) => s with { DebounceMs = v }),
        Of("latencyBudgetMs", new IntKind(0, 60_000), "Milliseconds of decoding after which an automatic completion is shown as far as it is complete; 0: no limit.", s => s.LatencyBudgetMs, (s, v) => s with { LatencyBudgetMs = v }),
        Of("suggestions", new EnumKind<SuggestionMode>(), "How confident the model must be in what is shown; less certain text is cut off or not shown. all: everything; a completion that you request manually is always shown whole.", s => s.Suggestions, (s, v) => s with { Suggestions = v }),
        Of("learnFromUse", new SwitchKind(), "Count on this machine, by the model's confidence, which suggestions you keep, and adapt `suggestions` to it. Only counts, never your code, and none without `metrics`; diffusion-lsp stats shows them, and --reset deletes them.", s => s.LearnFromUse, (s, v) => s with { LearnFromUse = v }),
        Of("midLine", new EnumKind<Tristate>(), "Offer completions when text follows the cursor on its line; auto: only if it is closing brackets, quotes or the end of an item.", s => s.MidLine, (s, v) => s with { MidLine = v }),
        Of("multiline", new EnumKind<Tristate>(), "auto: several lines on empty lines and after an opened block, else one.", s => s.Multiline, (s, v) => s with { Multiline = v }),
        Of("maxTokensSingleLine", DecodeKnobs.TokenLimit, "Maximum number of tokens in a single-line completion.", s => s.MaxTokensSingleLine, (s, v) => s with { MaxTokensSingleLine = v }),
        Of("maxTokensMultiLine", DecodeKnobs.TokenLimit, "Maximum number of tokens in a multi-line completion.", s => s.MaxTokensMultiLine, (s, v) => s with { MaxTokensMultiLine = v }),
        Of("maxTokensRefill", DecodeKnobs.TokenLimit, "Maximum number of tokens when a selection is rewritten.", s => s.MaxTokensRefill, (s, v) => s with { MaxTokensRefill = v }),
        Of("plainCompletion", new EnumKind<Tristate>(), "Also answer textDocument/completion; auto: only for clients without inline completion.", s => s.PlainCompletion, (s, v) => s with { PlainCompletion = v }),
        Of("exclude", new FileListKind(), "Additional files that get no completions and whose text is never used for other files' completions, as patterns in the syntax of .gitignore; \"!\" negates a pattern.", s => s.Exclude, (s, v) => s with { Exclude = v }),
        Of("promptTokens", new IntKind(0, 32_768), "Maximum number of prompt tokens; 0: the length the model was trained with, else 4096 on a GPU and as many as a CPU processes in 0.3 s.", s => s.PromptTokens, (s, v) => s with { PromptTokens = v }),
        Of("context", new EnumKind<Tristate>(), "Include text of other files in the prompt; auto: only for models large enough to benefit.", s => s.Context, (s, v) => s with { Context = v }),
        Of("crossFileTokens", new IntKind(0, 4096), "Maximum number of tokens of other files' text in a prompt; never more than half of it.", s => s.CrossFileTokens, (s, v) => s with { CrossFileTokens = v }, formerName: "contextTokens"),
        Of("workspaceCache", new SwitchKind(), "Let single-line suggestions repeat text of other files in the workspace, if the model comes with weights for it; text of excluded and ignored files is never used.", s => s.WorkspaceCache, (s, v) => s with { WorkspaceCache = v }),
        Of("cacheEntries", new IntKind(0, 10_000), "Number of suggestions to cache, so that typing through one needs no decoding.", s => s.CacheEntries, (s, v) => s with { CacheEntries = v }),
        Of("prefetch", new SwitchKind(), "While you are not typing, decode what would follow the current suggestion.", s => s.Prefetch, (s, v) => s with { Prefetch = v }, formerName: "speculation"),
        Of("maxFileKilobytes", new IntKind(1, 65_536), "Files larger than this many thousand characters get no completions.", s => s.MaxFileKilobytes, (s, v) => s with { MaxFileKilobytes = v }),
        Of("idleUnloadMinutes", new IntKind(0, 10_000), "Minutes without an edit after which the model is unloaded; the next edit loads it again. 0: never.", s => s.IdleUnloadMinutes, (s, v) => s with { IdleUnloadMinutes = v }),
        Of("memoryLimitMegabytes", new IntKind(0, 1 << 20), "Memory of the whole server in megabytes above which the model is unloaded; 0: no limit.", s => s.MemoryLimitMegabytes, (s, v) => s with { MemoryLimitMegabytes = v }),
        Of("metrics", new SwitchKind(), "Count on this machine what was offered and accepted, for diffusion-lsp stats; never your code, never sent anywhere.", s => s.Metrics, (s, v) => s with { Metrics = v }),
        Of("modelPath", new PathKind("DIR"), "Folder of the model; empty: the embedded one.", s => s.ModelPath, (s, v) => s with { ModelPath = v }),
        Of("libtorchPath", new PathKind("DIR"), "Folder with libtorch, or a Python environment with torch, to use instead of the packaged one; read only when the server starts.", s => s.LibtorchPath, (s, v) => s with { LibtorchPath = v }),
        Of("cudaGraphs", new SwitchKind(), "Run forwards over few rows as CUDA graphs on an NVIDIA GPU, which saves most of the time for launching kernels.", s => s.CudaGraphs, (s, v) => s with { CudaGraphs = v }),
        Of("device", new EnumKind<DeviceChoice>(), "Where the model runs.", s => s.Device, (s, v) => s with { Device = v }),
        Of("threads", new IntKind(0, 1024), "CPU threads for computation; 0: as many as there are available cores.", s => s.Threads, (s, v) => s with { Threads = v }),
        .. DecodeKnobs.All.Where(knob => knob.IsSetting).Select(Of),
        Of("verifierPath", new PathKind("DIR"), "Folder of the small model that verifies drafts for the apd decoder; empty: the model's folder with -ar appended.", s => s.VerifierPath, (s, v) => s with { VerifierPath = v }),
        Remotely("remoteUrl", new TextKind(), "Address of a remote engine to use instead of the local model, such as https://gpu-box:8012; empty: none. Text of excluded files and of files that git ignores is never sent.", r => r.Url, (r, v) => r with { Url = v }),
        Remotely("remoteKind", new NameKind(RemoteKinds.Names), "Kind of the remote engine. auto: detected, for diffusion-lsp serve, llama.cpp and Ollama; mistral and suffix: engines with such endpoints; template: any engine with /v1/completions, prompted with the marks of `remoteTemplate`.", r => r.Kind, (r, v) => r with { Kind = v }),
        Remotely("remoteModel", new TextKind(), "Name of the model on the remote engine; empty: the first one that the engine names.", r => r.Model, (r, v) => r with { Model = v }),
        Remotely("remoteTemplate", new NameKind(RemoteKinds.Templates), "Model family whose fill-in-the-middle marks the remote model was trained with, where `remoteKind` is template.", r => r.Template, (r, v) => r with { Template = v }),
        Remotely("remoteKeyVariable", new TextKind(), "Name of the environment variable with the remote engine's key; the key itself is never a setting.", r => r.KeyVariable, (r, v) => r with { KeyVariable = v }),
        Remotely("remoteKeyFile", new PathKind("FILE"), "File that contains only the remote engine's key.", r => r.KeyFile, (r, v) => r with { KeyFile = v }),
        Remotely("remoteFallback", new EnumKind<RemoteFallback>(), "What provides completions while the remote engine does not answer, and in files that git ignores. local: the local model; never: nothing.", r => r.Fallback, (r, v) => r with { Fallback = v }),
        Remotely("remoteContext", new SwitchKind(), "Whether text of other files may be sent too, subject to `context`.", r => r.Context, (r, v) => r with { Context = v }),
        Remotely("remoteInsecure", new SwitchKind(), "Allow a remote address without https, so that code is sent unencrypted.", r => r.Insecure, (r, v) => r with { Insecure = v }),
        Of("logLevel", new EnumKind<LogLevel>(), "Level of detail in the log; your code is never logged.", s => s.LogLevel, (s, v) => s with { LogLevel = v }),
    ];

    private static Setting Remotely<T>(string name, ValueKind<T> kind, string description, Func<RemoteOptions, T> get, Func<RemoteOptions, T, RemoteOptions> set) where T : notnull =>
        Of(name, kind, description, s => get(s.Remote), (s, v) => s with { Remote = set(s.Remote, v) }, isMachine: true);
}

/// <summary>When completions are computed.</summary>
internal enum TriggerMode { Auto, Manual }

/// <summary>How confident the model must be in what is shown.</summary>
internal enum SuggestionMode { All, Eager, Balanced, Quiet }

/// <summary>How the wait before decoding is chosen.</summary>
internal enum DebounceMode { Adaptive, Fixed }

/// <summary>Yes, no, or depending on the situation.</summary>
internal enum Tristate { Auto, Always, Never }

/// <summary>Where the model runs.</summary>
internal enum DeviceChoice { Auto, Cpu, Cuda }

/// <summary>How much is logged.</summary>
internal enum LogLevel { Trace, Debug, Info, Warning, Error }
