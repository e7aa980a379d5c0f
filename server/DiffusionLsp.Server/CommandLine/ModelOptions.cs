using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The options that choose a model and where it runs, shared by all subcommands.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> model = OptionKinds.Path("--model", "Folder of the model; without it, the embedded one.", "DIR");
    private readonly Option<string?> device = OptionKinds.Choice("--device", "Where the model runs.", "auto", "cpu", "cuda");
    private readonly Option<int?> threads = OptionKinds.Integer("--threads", "CPU threads for computation; 0: as many as there are available cores.", 0, 1024);
    private readonly Option<int?> prompt = OptionKinds.Integer("--prompt-tokens", "Maximum number of prompt tokens; 0: a default for the model and its device.", 0, 32_768);
    private readonly Option<bool> noGraphs = new("--no-cuda-graphs") { Description = "Never run forwards as CUDA graphs." };
    private readonly Option<string?> verifier = OptionKinds.Path("--verifier-model", "Folder of the small autoregressive model for apd; without it, the model's folder with -ar appended.", "DIR");
    private readonly Option<string?> libtorch = OptionKinds.Path("--libtorch", "Folder of libtorch, or a Python environment with torch, used instead of the packaged one.", "DIR");

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

/// <summary>The options that control decoding: one for each knob.</summary>
internal sealed class DecoderOptions
{
    private readonly IReadOnlyList<(Knob Knob, Option<object?> Option)> rows = [.. DecodeKnobs.All.Select(knob => (knob, OptionKinds.Of(knob)))];

    public DecoderOptions AddTo(Command command)
    {
        foreach ((_, Option<object?> option) in rows) command.Add(option);
        return this;
    }

    /// <summary>The given options, over the defaults. A deprecated name is reported on standard error.</summary>
    /// <param name="defaults">Values of options that are not given.</param>
    public DecodeOptions Decode(ParseResult parsed, DecodeOptions defaults)
    {
        foreach ((Knob knob, Option<object?> option) in rows)
            if (knob.FormerOption is { } former && parsed.GetResult(option)?.IdentifierToken?.Value == former)
                Console.Error.WriteLine($"{former} is deprecated; use {knob.Option} instead.");
        return rows.Aggregate(defaults, (options, row) => parsed.GetValue(row.Option) is { } value ? options.With(row.Knob, value) : options);
    }
}
