using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests;

/// <summary>Writes a model folder with random weights beside a tokenizer that is already there. What it completes is noise, but always the same.</summary>
internal static class TinyModelFolder
{
    public static void Write(string folder, CodeTokenizer tokenizer)
    {
        NativeBackend.Load();
        var config = new ModelConfig
        {
            HiddenSize = 32, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = 8, IntermediateSize = 48,
            VocabularySize = tokenizer.VocabularySize, MaxPositions = 1024, QueryKeyNorm = true, LogitShift = true,
        };
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        SafetensorsWriter.Write(Path.Combine(folder, CheckpointFolder.SingleFile),
            ParameterTable.Shapes(config).ToDictionary(p => p.Key, p => randn(p.Value, generator: generator) * 0.3));
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
    }
}
