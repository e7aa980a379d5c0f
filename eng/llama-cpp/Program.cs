// dotnet run --project eng/llama-cpp: compares the independent float64 reference of the engine's tests with llama.cpp, in float32, for
// the families that llama.cpp knows. Prints the largest relative error of each; 1 if one is 1e-4 or more.
// npm run bench -- peer: the embedded model in llama.cpp and here, alternately.
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.LlamaCpp;
using DiffusionLsp.Tests.Checkpoints;
using LLama;
using LLama.Common;
using LLama.Native;

if (args is ["peer", .. var rest]) return PeerBench.Run(rest);
const int rows = 20;
NativeLogConfig.llama_log_set((_, _) => { });
double worst = 0;
foreach ((string name, string architecture) in new[] { ("dream", "dream"), ("llada", "llada"), ("llada-moe", "llada-moe") })
{
    FamilyCase family = FamilyCases.Of(name);
    var checkpoint = new GeneratedCheckpoint(family);
    string path = Path.GetTempFileName();
    try
    {
        GgufModel.Write(path, architecture, family, checkpoint.Values);
        int vocabulary = (int)family.Config["vocab_size"]!;
        var random = new Random(3);
        int[] ids = [.. Enumerable.Range(0, rows).Select(_ => random.Next(vocabulary))];
        double[][] wanted = new ReferenceTransformer(Describe(family, vocabulary), checkpoint.Values).Logits(ids, [.. Enumerable.Range(0, rows)], (_, _) => true);
        float[][] found = Scores(path, ids);
        double error = wanted.Zip(found, (w, f) => w.Zip(f, (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(a))).Max()).Max();
        Console.WriteLine($"{name}: largest relative error {error:E1}");
        worst = Math.Max(worst, error);
    }
    finally
    {
        File.Delete(path);
    }
}
return worst < 1e-4 ? 0 : 1;

static float[][] Scores(string path, int[] ids)
{
    var parameters = new ModelParams(path)
    {
        ContextSize = 64, BatchSize = 64, UBatchSize = 64, GpuLayerCount = 0, Threads = 1,
        FlashAttention = false, TypeK = GGMLType.GGML_TYPE_F32, TypeV = GGMLType.GGML_TYPE_F32, // else keys and values are float16
    };
    using LLamaWeights weights = LLamaWeights.LoadFromFile(parameters);
    using LLamaContext context = weights.CreateContext(parameters);
    var batch = new LLamaBatch();
    for (int i = 0; i < ids.Length; i++) batch.Add(ids[i], i, LLamaSeqId.Zero, logits: true);
    context.NativeHandle.Decode(batch);
    return [.. Enumerable.Range(0, ids.Length).Select(i => context.NativeHandle.GetLogitsIth(i).ToArray())];
}

static ModelConfig Describe(FamilyCase family, int vocabulary) => new()
{
    HiddenSize = family.Body.Width, Layers = family.Body.Layers, Heads = family.Body.Heads, KeyValueHeads = family.Body.KeyValueHeads, HeadSize = family.Body.HeadSize,
    IntermediateSize = family.Body.Inner, VocabularySize = vocabulary, NormEpsilon = family.Body.Epsilon, RopeTheta = family.Body.Theta, TieEmbeddings = family.Body.Tied,
    AttentionBias = family.Body.Bias, QueryKeyNorm = family.Body.QueryKeyNorm,
    Experts = family.Body.Experts is { } e ? new ExpertConfig { Count = e.Count, PerToken = e.PerToken, IntermediateSize = e.Inner } : null,
};
