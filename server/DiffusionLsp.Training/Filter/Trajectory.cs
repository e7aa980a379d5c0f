using System.IO.Compression;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Filter;

/// <summary>One decode as a filter's training data: what was proposed in every step, and the text that slow decoding writes there.</summary>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Ends">Those of the proposed tokens that end the hole.</param>
/// <param name="Reference">The slow decode's token of each canvas position, up to its end.</param>
internal sealed record Trajectory(int[] Prompt, int[] Ends, int[] Reference, IReadOnlyList<TrajectoryStep> Steps);

/// <summary>One step: its block, its proposals as columns, and the indices that were committed.</summary>
/// <param name="Index">Steps done in this block.</param>
internal sealed record TrajectoryStep(int BlockStart, int BlockEnd, int Index, int[] Positions, int[] Tokens, float[] Confidences, float[] Margins, float[] Entropies, int[] Selected)
{
    public Proposal[] Proposals() => [.. Positions.Select((p, i) => new Proposal(p, Tokens[i], Confidences[i], Margins[i], Entropies[i]))];
}

/// <summary>What the trajectories of one file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Reference">How the reference was decoded: ar or vanilla.</param>
/// <param name="Drive">What chose the commits.</param>
internal sealed record TrajectoryHeader(string Format, string Model, int BlockLength, string Reference, string Drive)
{
    public const string CurrentFormat = "diffusion-lsp-trajectories-1";
}

/// <summary>Trajectories as gzipped lines of JSON, the header first.</summary>
internal static class TrajectoryFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public static void Write(string path, TrajectoryHeader header, IEnumerable<Trajectory> trajectories)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.WriteLine(JsonSerializer.Serialize(header, Json));
        foreach (Trajectory trajectory in trajectories) writer.WriteLine(JsonSerializer.Serialize(trajectory, Json));
    }

    /// <exception cref="EngineException">The file is missing, damaged, or of another format.</exception>
    public static (TrajectoryHeader Header, IReadOnlyList<Trajectory> Trajectories) Read(string path)
    {
        try
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            TrajectoryHeader header = JsonSerializer.Deserialize<TrajectoryHeader>(reader.ReadLine() ?? "null", Json) ?? throw new InvalidDataException("it is empty");
            if (header.Format != TrajectoryHeader.CurrentFormat) throw new InvalidDataException($"its format is '{header.Format}'");
            var trajectories = new List<Trajectory>();
            while (reader.ReadLine() is { } line) trajectories.Add(JsonSerializer.Deserialize<Trajectory>(line, Json)!);
            return (header, trajectories);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' holds no trajectories ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make them with the verb filter collect.", e);
        }
    }
}
