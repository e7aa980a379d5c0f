using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>Writes a session as it goes on, so that what was measured stays whatever happens next: lines of JSON, and the same to read.</summary>
internal sealed class SessionRecord : IDisposable
{
    /// <summary>A line for the head, then one for each part.</summary>
    public const string FileName = "session.jsonl";

    /// <summary>The same to read.</summary>
    public const string TextName = "session.txt";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly StreamWriter lines, text;

    public SessionRecord(string folder, SessionHead head)
    {
        lines = new StreamWriter(Path.Combine(folder, FileName)) { AutoFlush = true, NewLine = "\n" };
        text = new StreamWriter(Path.Combine(folder, TextName)) { AutoFlush = true, NewLine = "\n" };
        lines.WriteLine(JsonSerializer.Serialize(head, Json));
        text.WriteLine($"commit {head.Commit}, weights {head.Weights}, {head.Day}; {head.Machine}");
    }

    public void Add(PartResult result)
    {
        JsonObject line = JsonSerializer.SerializeToNode(result, Json)!.AsObject();
        if (result.Numbers is { } numbers) line["numbers"] = Parsed(numbers);
        lines.WriteLine(line.ToJsonString(Json));
        text.WriteLine($"\n== {result.Summary}\n{result.Text.TrimEnd()}");
    }

    public void Dispose()
    {
        lines.Dispose();
        text.Dispose();
    }

    /// <summary>One value, or a list of one a line. Null: a part that was stopped may have left half a file.</summary>
    private static JsonNode? Parsed(string numbers)
    {
        string[] lines = numbers.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return lines.Length > 1 && lines[0].EndsWith('}') ? new JsonArray([.. lines.Select(line => JsonNode.Parse(line))]) : JsonNode.Parse(numbers);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a session was of.</summary>
/// <param name="Weights">Fingerprint of the embedded model.</param>
/// <param name="Day">UTC.</param>
/// <param name="Machine">GPU, driver, cores, libtorch.</param>
/// <param name="Command">What was run, without paths.</param>
internal sealed record SessionHead(string Commit, string Weights, string Day, string Machine, string Command)
{
    public static SessionHead Here(string commit, string model, PythonLibtorch libtorch, SessionSettings settings)
    {
        string[] gpus = Gpus();
        string machine = $"{(gpus.Length == 0 ? "no NVIDIA GPU" : string.Join("; ", gpus.Select(gpu => gpu.Replace(", ", ", driver "))))}, {Environment.ProcessorCount} cores, libtorch: {libtorch.Words}";
        return new SessionHead(commit, ModelFingerprint.Of(model), DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), machine,
            $"npm run gpu -- run --device {settings.Device}{(settings.Quick ? " --quick" : "")}");
    }

    /// <summary>cuda where a driver lists a GPU and nobody wished otherwise: then a libtorch that cannot use it fails, and is not passed over.</summary>
    /// <param name="wish">auto, cpu or cuda.</param>
    public static string DeviceOf(string wish) => wish != "auto" ? wish : Gpus().Length > 0 ? "cuda" : "cpu";

    private static string[] Gpus() =>
        PythonLibtorch.Printed("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
