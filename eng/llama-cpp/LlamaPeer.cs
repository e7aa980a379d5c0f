using LLama;
using LLama.Common;
using LLama.Native;

namespace DiffusionLsp.LlamaCpp;

/// <summary>A model in llama.cpp, read from left to right with its K/V cache, as its own programs do. Greedy.</summary>
internal sealed class LlamaPeer : IDisposable
{
    private const int Context = 1024;

    private readonly LLamaWeights weights;
    private readonly LLamaContext context;
    private readonly List<int> cached = [];

    public LlamaPeer(string path, int threads)
    {
        var parameters = new ModelParams(path) { ContextSize = Context, BatchSize = Context, UBatchSize = 512, GpuLayerCount = 0, Threads = threads, BatchThreads = threads };
        weights = LLamaWeights.LoadFromFile(parameters);
        context = weights.CreateContext(parameters);
    }

    /// <summary>Writes so many tokens behind a prompt. What the cache holds of the prompt's beginning is not computed again.</summary>
    public int[] Write(int[] prompt, int count)
    {
        int same = Math.Min(prompt.AsSpan().CommonPrefixLength(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(cached)), prompt.Length - 1);
        context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, same, -1);
        cached.RemoveRange(same, cached.Count - same);
        var written = new List<int>();
        int[] next = prompt[same..];
        while (true)
        {
            var batch = new LLamaBatch();
            for (int i = 0; i < next.Length; i++) batch.Add(next[i], cached.Count + i, LLamaSeqId.Zero, logits: i == next.Length - 1);
            if (context.NativeHandle.Decode(batch) != DecodeResult.Ok) throw new InvalidOperationException("llama.cpp did not decode.");
            cached.AddRange(next);
            ReadOnlySpan<float> scores = context.NativeHandle.GetLogitsIth(next.Length - 1);
            written.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores));
            if (written.Count == count) return [.. written];
            next = [written[^1]];
        }
    }

    public void Forget()
    {
        context.NativeHandle.MemoryClear(true);
        cached.Clear();
    }

    public void Dispose()
    {
        context.Dispose();
        weights.Dispose();
    }
}
