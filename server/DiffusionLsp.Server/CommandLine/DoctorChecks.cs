using System.Runtime.InteropServices;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Remote;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The table of the checks of <c>doctor</c>. They are independent: none needs another to have succeeded.</summary>
internal static class DoctorChecks
{
    private const string Sample = "if (x <= \"é🙂\") {\r\n\t\treturn a[0];  // 中文\n}";

    public static IReadOnlyList<DoctorCheck> All { get; } =
    [
        new("version", _ => $"diffusion-lsp {ServerVersion.Text}, {RuntimeInformation.FrameworkDescription}"),
        new("system", _ => $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores for this process"),
        new("libstdc++", _ => !OperatingSystem.IsLinux()
            ? "not used on this system"
            : LibStdCxx.NewestVersion() ?? throw new UserException("The C++ runtime libstdc++.so.6 was not found; install it (Debian, Ubuntu: apt install libstdc++6; Fedora: dnf install libstdc++).")),
        new("libtorch", CheckLibtorch),
        new("model", Local(patient => $"{patient.Engine.Model.Name}, {patient.Engine.Model.Architecture}, {patient.Engine.Model.Parameters:#,0} parameters, {patient.Engine.Model.Folder}")),
        new("device", Local(patient => $"{patient.Loaded.Model.Device} ({patient.Loaded.Model.DeviceReason}), {patient.Loaded.Model.DataType}, {patient.Loaded.Model.Threads} threads{(patient.Loaded.Model.Device == "cuda" ? $", {patient.Loaded.Model.Graphs}" : "")}")),
        new("tokenizer", Local(CheckTokenizer)),
        new("completion", Local(patient => Completed(patient.Loaded.InfillAsync))),
        new("remote", CheckRemote),
        new("cache", _ => Writable(CacheFolders.Root, WritableFolder.Problem(CacheFolders.Root), "XDG_CACHE_HOME")),
        new("logs", _ => Writable(CacheFolders.Logs, LogSetup.FileIn(CacheFolders.Logs).Problem(), "XDG_CACHE_HOME")),
        new("folders", _ => $"{string.Join(", ", OwnFolder.All.Select(folder => folder.Describe()))}; `diffusion-lsp cache clear` removes what can be recreated"),
        new("metrics", _ => Writable(MetricsFolder.Default.Path, MetricsFolder.Default.Problem(TimeProvider.System.GetUtcNow()), "XDG_DATA_HOME")),
    ];

    /// <summary>Loads libtorch, except in a server that has not loaded it: it would only use memory.</summary>
    private static string CheckLibtorch(DoctorPatient patient)
    {
        if (NativeBackend.Find(patient.Libtorch) is not { } place)
            return $"none, which the embedded model on a CPU does not need; for larger models and GPUs, {LibtorchPackage.Cure}";
        if (patient.LeavesLibtorch && NativeBackend.Loaded is null) return $"{place.Folder} ({place.Origin}), not loaded, because nothing needs it";
        NativeBackendInfo native = NativeBackend.Load(patient.Libtorch);
        return $"{native.LibtorchFolder} ({native.Origin}), cure: {native.Cure}";
    }

    private static string CheckTokenizer(DoctorPatient patient)
    {
        CodeTokenizer tokenizer = CodeTokenizer.Load(patient.ModelFolder);
        string back = tokenizer.Decode(tokenizer.Encode(Sample));
        return back == Sample
            ? $"{tokenizer.VocabularySize:#,0} entries, text round-trips exactly"
            : throw new UserException("Text does not round-trip through the tokenizer, so tokenizer.json is damaged or not supported; download the model again.");
    }

    /// <summary>A check that matters only if the local model answers.</summary>
    private static Func<DoctorPatient, string> Local(Func<DoctorPatient, string> look) => patient => patient.IsLocalIdle ? "not loaded, because a remote engine answers" : look(patient);

    private static string CheckRemote(DoctorPatient patient)
    {
        if (patient.Remote is not { } remote) return "not used (setting diffusionLsp.remoteUrl)";
        try
        {
            RemoteServer server = remote.FindAsync().GetAwaiter().GetResult();
            string encryption = remote.Address.Base.Scheme == "https" ? "encrypted" : "not encrypted";
            string key = remote.HasKey ? "key accepted" : "no key";
            return $"{server.Model} ({server.Dialect.Name}) at {remote.Address.Host}, {encryption}, {key}; {Completed(remote.FillAsync)}";
        }
        catch (RemoteException e)
        {
            throw new UserException($"{e.Message}.");
        }
    }

    private static string Completed(Func<InfillRequest, DecodeOptions, CancellationToken, Task<InfillResult>> fill)
    {
        var request = new InfillRequest { Prefix = "def add(a, b):\n    return ", Suffix = "\n", Language = "python", Path = "add.py", SingleLine = true, MayLeave = true };
        InfillResult result = fill(request, new DecodeOptions { Length = 16 }, CancellationToken.None).GetAwaiter().GetResult();
        return FormattableString.Invariant($"\"def add(a, b): return ║\" gives \"{result.Completion.Trim()}\" in {result.Timings.Total:0} ms");
    }

    private static string Writable(string folder, string? problem, string variable) => problem is null
        ? folder
        : throw new UserException($"The folder {folder} is not writable ({problem}); free up space, make it writable, or set {variable} to another folder.");
}

/// <summary>One row: a name, and a check that throws the problem as a sentence.</summary>
internal sealed record DoctorCheck(string Name, Func<DoctorPatient, string> Look)
{
    /// <summary>Never throws.</summary>
    public Finding Run(DoctorPatient patient)
    {
        try
        {
            return new Finding(true, Look(patient));
        }
        catch (Exception e)
        {
            if (e is UserException) return new Finding(false, e.Message);
            using LogSetup logs = LogSetup.FileOnly();
            FailureText.Log(logs.Log, e, $"doctor: {Name}");
            return new Finding(false, FailureText.Sentence(e));
        }
    }
}

/// <summary>A check's result: the state, or the problem and its cure.</summary>
internal sealed record Finding(bool IsGood, string Text);

/// <summary>What the checks examine.</summary>
/// <param name="engine">The local engine, not owned; throws the reason if there is none.</param>
/// <param name="remote">The remote engine; null: none is configured. Throws the reason if its settings are invalid.</param>
internal sealed class DoctorPatient(EngineOptions options, Func<ICompletionEngine> engine, Func<RemoteEngine?> remote)
{
    public RemoteEngine? Remote => remote();

    /// <summary>Whether no local engine is loaded because none was needed.</summary>
    public bool IsLocalIdle { get; init; }

    /// <summary>Whether libtorch is examined only if it was loaded before.</summary>
    public bool LeavesLibtorch { get; init; }

    public string? Libtorch => options.LibtorchFolder;

    public ICompletionEngine Engine => engine();

    /// <summary>The engine, for checks that are not about loading it.</summary>
    public ICompletionEngine Loaded
    {
        get
        {
            try
            {
                return Engine;
            }
            catch (Exception)
            {
                throw new UserException("Unknown because the model does not load; correct what the check \"model\" reports first.");
            }
        }
    }

    public string ModelFolder => options.ModelFolder ?? Loaded.Model.Folder;
}
