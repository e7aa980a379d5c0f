using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Tokenizer;

namespace DiffusionLsp.Training.Tests.Tokenizer;

/// <summary>A tokenizer trained on a few lines, written and read back. It knows nothing of the corpus.</summary>
internal static class SmallTokenizer
{
    /// <summary>The text it is trained on.</summary>
    public const string Text = "public int Add(int left, int right)\n{\n    return left + right;\n}\npublic int Sub(int left, int right)\n{\n    return left - right;\n}\n";

    /// <summary>Trains into a folder and loads from it.</summary>
    public static CodeTokenizer Train(string folder)
    {
        PreTokenCounter counter = new();
        counter.Add(Text);
        TokenizerWriter.Write(folder, BpeTrainer.Train(counter.Counts, 300));
        return CodeTokenizer.Load(folder);
    }
}
