using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>model</c>: lists known checkpoints, inspects and verifies a folder, and downloads a checkpoint on request.</summary>
internal static class ModelVerb
{
    private const string DefaultHub = "https://huggingface.co";
    private const string HubVariable = "DIFFUSION_LSP_HUB";

    public static Command Create() => new("model", "List, inspect, verify and download models.") { List(), Inspect(), Verify(), Pull() };

    private static Command List()
    {
        var command = new Command("list", "List the supported published models, and those already downloaded.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"{"name",-20} {"infill",-28} {"bfloat16",9} {"licence",-18} repository");
            foreach (KnownCheckpoint c in KnownCheckpoints.All)
                Console.WriteLine(FormattableString.Invariant($"{c.Name,-20} {c.Infill,-28} {c.Gigabytes(2),6:0.0} GB {c.Licence,-18} {c.Repository}{(Directory.Exists(FolderOf(c.Name)) ? "  (here)" : "")}"));
            Console.WriteLine($"Downloaded models are in {Root}.");
        });
        return command;
    }

    private static Command Inspect()
    {
        var folder = OptionKinds.PathArgument("DIR", "Folder of the model.");
        var command = new Command("inspect", "Print what a model folder contains and what the model needs.") { folder };
        command.SetAction(parsed =>
        {
            ModelReport r = ModelInspector.Inspect(parsed.GetRequiredValue(folder));
            Row("family", $"{r.Family} ({r.Architecture})");
            Row("parameters", FormattableString.Invariant($"{r.Parameters:#,0} in {r.Layers} layers of width {r.Width}, stored as {string.Join(" and ", r.ElementTypes)}"));
            Row("attention", r.Attention + (r.IsShifted ? ", shifted logits" : ""));
            Row("infill", $"{r.Infill}; length: {r.LengthPolicy}");
            Row("tokenizer", FormattableString.Invariant($"{r.VocabularySize:#,0} entries, mask {r.MaskToken}"));
            Row("memory", string.Join(", ", r.MemoryBytes.Select(m => FormattableString.Invariant($"{m.Value / 1e9:0.0} GB in {m.Key}"))));
        });
        return command;
    }

    private static Command Verify()
    {
        var folder = OptionKinds.PathArgument("DIR", "Folder of the model.");
        var command = new Command("verify", "Verify every file, name, shape and number of a model.") { folder };
        command.SetAction((parsed, cancellation) =>
        {
            using var terminal = new ProgressLine();
            string model = parsed.GetRequiredValue(folder);
            IReadOnlyList<string> problems = ModelInspector.Verify(model, share => terminal.Show(share, "checked"), cancellation);
            terminal.Clear();
            foreach (string problem in problems) Console.WriteLine($"PROBLEM {problem}");
            if (problems.Count == 0) Console.WriteLine($"The model is complete: every tensor is present, has the right shape, and is finite.{(ModelInspector.Inspect(model).OnlyVerifies ? " It is autoregressive and only verifies drafts of the apd decoder." : "")}");
            return Task.FromResult(problems.Count == 0 ? 0 : 1);
        });
        return command;
    }

    private static Command Pull()
    {
        var name = new Argument<string>("NAME") { Description = "Short name from `model list`, or OWNER/REPOSITORY." };
        var into = OptionKinds.Path("--into", "Folder for the files; without it, one in the cache folder.", "DIR");
        var hub = OptionKinds.Text("--hub", $"Address of the hub; without it, the variable {HubVariable}, else {DefaultHub}.", "URL");
        var command = new Command("pull", "Download a model; an interrupted download is resumed.") { name, into, hub };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (OpenSsl.Problem("A download") is { } problem) throw new UserException(problem);
            string wanted = parsed.GetRequiredValue(name);
            string repository = KnownCheckpoints.Find(wanted)?.Repository ?? (IsRepository(wanted) ? wanted
                : throw new UserException($"There is no model '{wanted}'; run `diffusion-lsp model list`, or write OWNER/REPOSITORY."));
            string folder = parsed.GetValue(into) ?? FolderOf(KnownCheckpoints.Find(wanted)?.Name ?? wanted.Replace('/', '_'));
            using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.UserAgent.ParseAdd($"diffusion-lsp/{ServerVersion.Text}");
            using var terminal = new ProgressLine();
            long fetched = await PullAsync(http, Hub(parsed.GetValue(hub)), repository, folder, terminal, cancellation).ConfigureAwait(false);
            terminal.Clear();
            Console.WriteLine(FormattableString.Invariant($"{repository} is in {folder} ({fetched / 1e9:0.00} GB downloaded, checksums verified)."));
            Console.WriteLine(KnownCheckpoints.Find(wanted) is { OnlyVerifies: true }
                ? $"Use it with --decoder apd --apd-verifier small --verifier-model {folder}, or the settings decoder, apdVerifier and verifierPath."
                : $"Use it with --model {folder}, or the setting diffusionLsp.modelPath; `diffusion-lsp model inspect` prints what it needs.");
            return 0;
        });
        return command;
    }

    private static async Task<long> PullAsync(HttpClient http, Uri hub, string repository, string folder, ProgressLine terminal, CancellationToken cancellation)
    {
        try
        {
            return await new CheckpointDownload(new HubClient(http, hub), TimeSpan.FromSeconds(1))
                .RunAsync(repository, folder, (done, all) => terminal.Show((double)done / Math.Max(1, all), FormattableString.Invariant($"of {all / 1e9:0.00} GB")), cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new UserException($"The hub {hub} cannot be reached or rejects the request ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); check the network or --hub, and run the command again: it resumes where it stopped.");
        }
    }

    private static Uri Hub(string? given)
    {
        string text = given ?? Environment.GetEnvironmentVariable(HubVariable) ?? DefaultHub;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? new Uri(text) : throw new UserException($"'{text}' is not the address of a hub, which begins with https://.");
    }

    /// <summary>OWNER/REPOSITORY, of letters, digits, dots, dashes and underscores.</summary>
    internal static bool IsRepository(string name) =>
        name.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } repository] && new[] { owner, repository }.All(p => p.Trim('.').Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'));

    private static string Root => Path.Combine(CacheFolders.Root, "models");

    private static string FolderOf(string name) => Path.Combine(Root, name);

    private static void Row(string name, string text) => Console.WriteLine($"{name,-12} {text}");
}
