using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The options that choose a model and where it runs, the same for all verbs.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> model = OptionKinds.Path("--model", "Folder of the model; without it, the embedded one.", "DIR");
    private readonly Option<string?> device = OptionKinds.Choice("--device", "Where the model runs.", "auto", "cpu", "cuda");
    private readonly Option<int?> threads = OptionKinds.Integer("--threads", "Threads for CPU arithmetic; 0: as many as the cores that may be used.", 0, 1024);
    private readonly Option<int?> prompt = OptionKinds.Integer("--prompt-tokens", "Most tokens of text that the model reads; 0: what suits the model and its device.", 0, 32_768);
    private readonly Option<bool> noGraphs = new("--no-cuda-graphs") { Description = "Never run forwards as CUDA graphs." };
    private readonly Option<string?> verifier = OptionKinds.Path("--verifier-model", "Folder of the small autoregressive model for apd; without it, the model's folder with -ar appended.", "DIR");
    private readonly Option<string?> libtorch = OptionKinds.Path("--libtorch", "Folder of libtorch, or a Python environment with torch, to use instead of the packaged one.", "DIR");

    public ModelOptions AddTo(Command command)
    {
        command.Add(model);
        command.Add(device);
        command.Add(threads);
        command.Add(prompt);
        command.Add(libtorch);
        command.Add(noGraphs);
        command.Add(verifier);
        return this;
    }

    public string? Model(ParseResult parsed) => parsed.GetValue(model);

    public string? Device(ParseResult parsed) => parsed.GetValue(device);

    public int? Threads(ParseResult parsed) => parsed.GetValue(threads);

    public int? Prompt(ParseResult parsed) => parsed.GetValue(prompt);

    public string? Libtorch(ParseResult parsed) => parsed.GetValue(libtorch);

    public bool CudaGraphs(ParseResult parsed) => !parsed.GetValue(noGraphs);

    public string? Verifier(ParseResult parsed) => parsed.GetValue(verifier);

    public EngineOptions Engine(ParseResult parsed)
    {
        if (Model(parsed) is { } folder && !Directory.Exists(folder)) throw new UserException($"There is no model folder '{folder}'.");
        return new EngineOptions
        {
            ModelFolder = Model(parsed),
            Device = Device(parsed) ?? "auto",
            Threads = Threads(parsed) ?? 0,
            PromptTokens = Prompt(parsed) ?? 0,
            LibtorchFolder = Libtorch(parsed),
            CudaGraphs = CudaGraphs(parsed),
            VerifierFolder = Verifier(parsed),
        };
    }
}

/// <summary>The options that say how to decode: one for each knob.</summary>
internal sealed class DecoderOptions
{
    private readonly IReadOnlyList<(Knob Knob, Option<object?> Option)> rows = [.. DecodeKnobs.All.Select(knob => (knob, OptionKinds.Of(knob)))];

    public DecoderOptions AddTo(Command command)
    {
        foreach ((_, Option<object?> option) in rows) command.Add(option);
        return this;
    }

    /// <summary>The options given, over the defaults. A deprecated name is reported on standard error.</summary>
    /// <param name="defaults">What holds where the command line says nothing.</param>
    public DecodeOptions Decode(ParseResult parsed, DecodeOptions defaults)
    {
        foreach ((Knob knob, Option<object?> option) in rows)
            if (knob.FormerOption is { } former && parsed.GetResult(option)?.IdentifierToken?.Value == former)
                Console.Error.WriteLine($"{former} is deprecated; use {knob.Option} instead.");
        return rows.Aggregate(defaults, (options, row) => parsed.GetValue(row.Option) is { } value ? options.With(row.Knob, value) : options);
    }
}
