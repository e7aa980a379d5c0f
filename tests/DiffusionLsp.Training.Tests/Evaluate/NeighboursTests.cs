using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>Which files are a case's workspace, and which would be cheating.</summary>
public sealed class NeighboursTests : IDisposable
{
    private const string Own = "class A\n{\n    int one = Call(first);\n    int two = Call(second);\n    int three;\n    int four;\n    int five;\n    int six;\n}\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private T With<T>(Func<Neighbours, EvaluationCase, T> look, params (string Package, string Path, string Text)[] others)
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder.Path);
        TokenDocument[] documents = [.. others.Prepend(("own", "src/deep/A.cs", Own)).Select((d, i) =>
            new TokenDocument(d.Item2, d.Item1, "MIT", (ulong)i, d.Item3.Length, [.. tokenizer.Encode(d.Item3).Select(id => (ushort)id)]))];
        TokenShardWriter.Write(folder.Path, "csharp.eval", documents, tokenizer.VocabularySize, tokenizer.Fingerprint);
        using TokenShard shard = TokenShard.Open(folder.Path, "csharp.eval");
        int start = Own.IndexOf("Call(second)", StringComparison.Ordinal);
        return look(new Neighbours(shard, tokenizer), new EvaluationCase("csharp", "own", "src/deep/A.cs", Own, new Hole(HoleKind.RestOfLine, start, start + "Call(second);".Length)));
    }

    [Fact]
    public void Files_of_the_package_are_in_it_but_for_the_file_itself_near_copies_and_duplicates()
    {
        WorkspaceIndex index = With((neighbours, hole) => neighbours.IndexOf(hole),
            ("own", "src/B.cs", "class B { }\n"), ("own", "src/copy/A.cs", Own.Replace("three", "seven")), ("own", "C.cs", "class B { }\n"), ("other", "src/D.cs", "class D { }\n"));
        Assert.Equal(1, index.Texts);
    }

    [Fact]
    public void The_nearest_files_are_taken_until_they_are_too_much()
    {
        string Long(int i) => string.Concat(Enumerable.Range(0, 20_000).Select(line => $"int file{i}line{line};\n"))[..290_000];
        WorkspaceIndex index = With((neighbours, hole) => neighbours.IndexOf(hole),
            [("own", "src/deep/E.cs", "class E { }\n"), .. Enumerable.Range(0, 15).Select(i => ("own", $"lib/F{i}.cs", Long(i))), ("own", "lib/Large.cs", string.Concat(Enumerable.Range(0, 40_000).Select(i => $"int x{i};\n")))]);
        Assert.Equal(1 + 13, index.Texts); // 13 · 290 KB and 12 bytes are below 4 MB
    }

    [Fact]
    public void A_clone_has_the_line_before_too()
    {
        Assert.True(With((neighbours, hole) => neighbours.HasClone(hole), ("own", "src/B.cs", "class B\n{\n  int one = Call(first);\n  int two = Call(second);\n}\n")));
        Assert.False(With((neighbours, hole) => neighbours.HasClone(hole), ("own", "src/B.cs", "class B\n{\n  int two = Call(second);\n  int three = Call(first);\n}\n")));
    }
}
