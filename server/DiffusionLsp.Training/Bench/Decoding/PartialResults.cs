using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Stores results as they arrive, one JSON object per line, so that a killed run can resume. The first line identifies the run. It
/// knows no method.
/// </summary>
internal sealed class PartialResults : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<(string, string, string), BenchRecord> records = [];
    private readonly FileStream? file;

    /// <param name="path">Null: nothing is stored on disk.</param>
    /// <exception cref="EngineException">The file belongs to another run, or is damaged.</exception>
    public PartialResults(string? path, RunIdentity identity)
    {
        if (path is null) return;
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            Read(path, identity);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>1 for a fresh run, plus one for every restart.</summary>
    public int Sitting { get; private set; } = 1;

    /// <summary>Number of results.</summary>
    public int Count => records.Count;

    public BenchRecord? Find(string setting, string hole, string method) => records.GetValueOrDefault((setting, hole, method));

    /// <summary>Stores a result, on disk before this returns.</summary>
    public void Add(BenchRecord record)
    {
        records[(record.Setting, record.Case, record.Method)] = record;
        Write(record);
    }

    public void Dispose() => file?.Dispose();

    private void Read(string path, RunIdentity identity)
    {
        byte[] bytes = new byte[file!.Length];
        file.ReadExactly(bytes);
        // A line without an end was being written when the run was killed: it is measured again.
        int complete = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(complete);
        file.Position = complete;
        string[] lines = System.Text.Encoding.UTF8.GetString(bytes, 0, complete).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
        {
            Write(identity);
            return;
        }
        try
        {
            RunIdentity? found = JsonSerializer.Deserialize<RunIdentity>(lines[0], Json);
            if (found != identity)
                throw new EngineException($"The partial results in '{path}' are of another run ({found}), but this is {identity}; name another file or delete that one.");
            foreach (string line in lines.Skip(1))
            {
                BenchRecord record = JsonSerializer.Deserialize<BenchRecord>(line, Json) ?? throw new JsonException("a line holds null");
                records[(record.Setting, record.Case, record.Method)] = record;
                Sitting = Math.Max(Sitting, record.Sitting + 1);
            }
        }
        catch (JsonException e)
        {
            throw new EngineException($"The partial results in '{path}' cannot be read ({e.Message.ReplaceLineEndings(" ")}); delete the file to measure everything again.", e);
        }
    }

    private void Write<T>(T value)
    {
        if (file is null) return;
        file.Write([.. JsonSerializer.SerializeToUtf8Bytes(value, Json), (byte)'\n']);
        file.Flush(flushToDisk: true);
    }
}
