using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>
/// What is one user's between requests: a K/V slot and what it holds, the open file's n-gram cache, the last completions. No
/// other session reads it. On the device thread.
/// </summary>
internal sealed class Session(string name, LoadedModel model, ModelRunner runner, KeyValueSlot slot)
{
    private RowScorer? scorer;
    private (CacheKind Cache, bool IsWindow) kind;

    public string Name => name;

    public KeyValueSlot Slot => slot;

    /// <summary>The open file's n-gram cache.</summary>
    public NgramIndexBuilder NgramIndex { get; } = new(model.Tokenizer);

    /// <summary>Guesses what a hole holds.</summary>
    public TextLookup Lookup { get; } = new(model.Tokenizer);

    /// <summary>Counts of the text around the hole.</summary>
    public NgramModel Ngrams { get; } = new(model.Config.VocabularySize);

    /// <summary>Whether a request is being decoded.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The scorer that the options ask for. What the slot holds for another kind of cache is forgotten.</summary>
    public RowScorer ScorerFor(DecodeOptions options)
    {
        Knob<int>? window = model.Config.Attention is AttentionKind.Full && options.Cache is not CacheKind.None ? Decoders.RowOf(options).Window : null;
        (CacheKind, bool) wanted = (options.Cache, window is not null);
        if (scorer is null || kind != wanted)
        {
            kind = wanted;
            scorer = kind.IsWindow ? new WindowScorer(runner, slot) : CanvasScorers.Create(runner, slot, kind.Cache);
        }
        if (scorer is BidirectionalScorer bidirectional) bidirectional.RefreshEvery = options.RefreshEvery;
        if (scorer is WindowScorer windowed) windowed.Window = options.Get(window!);
        return scorer;
    }

    /// <summary>Forgets keys, values and completions, so that the next request is a first one.</summary>
    public void Reset()
    {
        scorer?.Reset();
        Lookup.Forget();
    }
}
