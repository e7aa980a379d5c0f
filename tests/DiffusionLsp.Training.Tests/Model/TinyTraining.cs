using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Tokenizer;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>A handful of files as a corpus: tokenizer, shards and options for a model small enough to train inside a test.</summary>
internal static class TinyTraining
{
    public static readonly (string Path, string Text)[] Files =
    [
        ("src/Stack.cs", "namespace Sample;\n\npublic sealed class Stack\n{\n    private readonly List<int> items = [];\n\n    public void Push(int value)\n    {\n        items.Add(value);\n    }\n\n    public int Pop()\n    {\n        int last = items[^1];\n        items.RemoveAt(items.Count - 1);\n        return last;\n    }\n}\n"),
        ("src/greet.ts", "export function greet(name: string): string {\n  const trimmed = name.trim();\n  if (trimmed.length === 0) {\n    return 'hello, stranger';\n  }\n  return `hello, ${trimmed}`;\n}\n"),
        ("src/area.py", "import math\n\n\ndef circle_area(radius):\n    if radius < 0:\n        raise ValueError('negative radius')\n    return math.pi * radius ** 2\n\n\ndef square_area(side):\n    return side * side\n"),
    ];

    public static TrainingOptions Options(int vocabulary) => new()
    {
        Model = new ModelConfig
        {
            HiddenSize = 96, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = 24, IntermediateSize = 192,
            VocabularySize = vocabulary, MaxPositions = 512, QueryKeyNorm = true, LogitShift = true,
        },
        RowTokens = 192,
        BatchRows = 16,
        Workers = 2,
        Precision = "fp32",
        Steps = 260,
        WarmupSteps = 10,
        DecaySteps = 100,
        BlockLength = 16,
        LearningRate = 0.01,
        Languages = new Dictionary<string, double> { ["csharp"] = 1 },
    };

    /// <summary>Trains on the rows for as long as the options say, exports into the folder of <see cref="Prepare"/>, and loads what was exported.</summary>
    /// <returns>The engine, and the losses of every step.</returns>
    public static (InfillEngine Engine, List<StepLosses> Losses) Learn(TemporaryFolder folder, CodeTokenizer tokenizer, TrainingOptions options, IRowSource rows)
    {
        NativeBackend.Load();
        LibtorchThreads.Set(1);
        var losses = new List<StepLosses>();
        using (var trainer = new Trainer(options, rows, tokenizer.Special, CPU))
        {
            while (trainer.Step < options.Steps) losses.Add(Step(trainer).Losses);
            ModelCommand.Export(trainer, options, folder.Path, folder.File("model"));
        }
        return (InfillEngine.Load(new EngineOptions { ModelFolder = folder.File("model"), Device = "cpu" }), losses);
    }

    /// <summary>Performs one step.</summary>
    public static (StepLosses Losses, double GradientNorm) Step(Trainer trainer)
    {
        trainer.RunStep();
        return trainer.Report();
    }

    /// <summary>Writes tokenizer and shards into the folder.</summary>
    public static CodeTokenizer Prepare(string folder)
    {
        var counter = new PreTokenCounter();
        foreach ((_, string text) in Files) counter.Add(text);
        TokenizerWriter.Write(folder, BpeTrainer.Train(counter.Counts, 380));
        CodeTokenizer tokenizer = CodeTokenizer.Load(folder);
        // Many copies, so that windows of the row length exist.
        TokenDocument[] documents = [.. Enumerable.Range(0, 40).Select(i => Files[i % Files.Length])
            .Select((f, i) => new TokenDocument(f.Path, "sample", "MIT", (ulong)i, f.Text.Length, [.. tokenizer.Encode(f.Text).Select(id => (ushort)id)]))];
        foreach (string split in new[] { "train", "validation" })
            TokenShardWriter.Write(folder, $"csharp.{split}", documents, tokenizer.VocabularySize, tokenizer.Fingerprint);
        return tokenizer;
    }
}
