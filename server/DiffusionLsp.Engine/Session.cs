using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>
/// One user's state between requests: a K/V slot with its contents, the open file's n-gram cache, the latest completions. No
/// other session reads it. On the decode thread.
/// </summary>
internal sealed class Session(string name, LoadedModel model, ModelRunner runner, KeyValueSlot slot)
{
    private RowScorer? scorer;
    private (CacheKind Cache, bool IsWindow) kind;

    public string Name => name;

    public KeyValueSlot Slot => slot;

    /// <summary>The open file's n-gram cache.</summary>
    public NgramIndexBuilder NgramIndex { get; } = new(model.Tokenizer);

    /// <summary>Drafts the contents of a hole from earlier completions and nearby text.</summary>
    public TextLookup Lookup { get; } = new(model.Tokenizer);

    /// <summary>N-gram counts of the text around the hole.</summary>
    public NgramModel Ngrams { get; } = new(model.Config.VocabularySize);

    /// <summary>Whether one of its requests is being decoded.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The scorer that the options require. Contents that the slot holds for another kind of cache are discarded.</summary>
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

    /// <summary>Discards keys, values and completions, so that the next request starts cold.</summary>
    public void Reset()
    {
        scorer?.Reset();
        Lookup.Forget();
    }
}
