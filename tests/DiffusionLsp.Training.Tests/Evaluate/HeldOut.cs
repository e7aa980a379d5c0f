using System.Text;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>A small held-out shard of made-up code: three packages of different size, tabs and letters beyond ASCII included.</summary>
internal static class HeldOut
{
    public static IReadOnlyList<string> Packages { get; } = ["a:small@1", "b:middle@1", "c:large@1"];

    /// <summary>Writes <c>csharp.eval</c>, or another split, with 2, 6 and 20 files.</summary>
    public static CodeTokenizer Write(string folder, int seed = 1, string split = "eval")
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder);
        var random = new Random(seed);
        var documents = new List<TokenDocument>();
        foreach ((string package, int count) in Packages.Zip([2, 6, 20]))
            for (int i = 0; i < count; i++)
            {
                string text = File(random);
                documents.Add(new TokenDocument($"src/File{i}.cs", package, "MIT", (ulong)random.NextInt64(), text.Length, [.. tokenizer.Encode(text).Select(id => (ushort)id)]));
            }
        TokenShardWriter.Write(folder, $"csharp.{split}", [.. documents.OrderBy(d => d.Order)], tokenizer.VocabularySize, tokenizer.Fingerprint);
        return tokenizer;
    }

    private static string File(Random random)
    {
        var text = new StringBuilder("namespace Größe;\n\nclass Maß\n{\n");
        for (int i = 0; i < 12; i++)
        {
            string name = $"value{random.Next(90)}";
            text.Append(random.Next(6) switch
            {
                0 => $"    // {name} → 😀 is counted\n",
                1 => $"    int {name} = {random.Next(1000)};\n\n",
                2 => $"\tif ({name} > 3)\n\t{{\n\t\treturn {name} + 1;\n\t}}\n",
                3 => $"    string s = \"😀{name}é\";\n",
                4 => $"    void Method{i}()\n    {{\n        Call({name}, other);\n        items.Add({name});\n    }}\n",
                _ => $"    {name} += Call({name}, {random.Next(10)});\n",
            });
        }
        return text.Append("}\n").ToString();
    }
}
