using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Batch;

/// <summary>A temporary folder with a random model, narrow and deep, and the embedded model's tokenizer. Deleted on disposal.</summary>
internal sealed class RandomModelFolder : IDisposable
{
    /// <summary>Its name in reports.</summary>
    public const string Title = "random, 64 layers of width 32";

    private static readonly ModelConfig Shape = new()
    {
        Layers = 64, HiddenSize = 32, Heads = 2, KeyValueHeads = 1, HeadSize = 16, IntermediateSize = 64, VocabularySize = 8192,
        MaxPositions = 2048, LogitShift = true, QueryKeyNorm = true,
    };

    public RandomModelFolder()
    {
        Path = Directory.CreateTempSubdirectory("diffusion-lsp-random-").FullName;
        Engine.Native.NativeBackend.Load(null);
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var weights = ParameterTable.Shapes(Shape).ToDictionary(p => p.Key, p => p.Key.EndsWith("norm.weight", StringComparison.Ordinal)
            ? ones(p.Value) : randn(p.Value, generator: generator).Times(1 / Math.Sqrt(p.Value[^1])));
        SafetensorsWriter.Write(System.IO.Path.Combine(Path, "model.safetensors"), weights);
        File.WriteAllText(System.IO.Path.Combine(Path, "config.json"), Shape.ToJson());
        File.Copy(System.IO.Path.Combine(EmbeddedModel.Folder ?? throw new EngineException("models/nano, whose tokenizer the benchmark takes, is not there; run it from a checkout."), "tokenizer.json"), System.IO.Path.Combine(Path, "tokenizer.json"));
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
