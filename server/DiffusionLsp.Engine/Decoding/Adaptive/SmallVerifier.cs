using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// Verifies with a separate, smaller autoregressive model in which text has the same token ids, such as Qwen2.5-Coder-0.5B for Dream-Coder.
/// Special tokens and the number of vocabulary rows may differ, as they do between published models.
/// </summary>
internal sealed class SmallVerifier : IAutoregressiveScorer, IDisposable
{
    private readonly LoadedModel verifier;
    private readonly ModelRunner runner;
    private readonly BlockCausalScorer scorer;
    private readonly CausalScorer causal;
    private readonly int vocabulary; // the model's
    private readonly Dictionary<int, int> special = []; // the model's special tokens → the verifier's, if those differ

    /// <param name="model">The model that drafts.</param>
    /// <param name="verifier">Read strictly causally. Owned.</param>
    /// <param name="engine">Decides whether the verifier runs in static steps.</param>
    /// <param name="rows">Maximum length of a sequence.</param>
    /// <param name="threads">CPU threads of a forward over many rows.</param>
    private SmallVerifier(LoadedModel model, LoadedModel verifier, EngineOptions engine, int rows, int threads)
    {
        this.verifier = verifier;
        vocabulary = model.Config.VocabularySize;
        foreach ((string token, int id) in model.Description.Outline.TokenizerFile.AddedTokens)
            if (IdInVerifier(token) is var own && own != id) special[id] = own;
        runner = StepRunner.Over(verifier, verifier.NewRunner(threads), engine, out _);
        scorer = new BlockCausalScorer(runner, CacheKind.Prefix, Math.Min(verifier.Config.MaxPositions, rows));
        causal = new CausalScorer(scorer, readsText: !verifier.Config.UsesFimMiddle);
    }

    /// <summary>Loads the verifier from a folder.</summary>
    /// <inheritdoc cref="SmallVerifier(LoadedModel, LoadedModel, EngineOptions, int, int)" path="/param"/>
    /// <exception cref="EngineException">It is missing, damaged, or gives text different token ids.</exception>
    public static SmallVerifier Load(LoadedModel model, string folder, EngineOptions engine, int rows, int threads)
    {
        if (!Directory.Exists(folder))
            throw new EngineException($"The small verifier needs an autoregressive model in '{folder}', which does not exist; name its folder, or set apdVerifier to same or ngram.");
        LoadedModel verifier = model.LoadVerifier(folder);
        try
        {
            if (!HaveSameText(model, verifier))
                throw new EngineException($"The verifier in '{folder}' has different token ids from the model in '{model.Folder}'; choose one whose base model has the same tokenizer.");
            return new SmallVerifier(model, verifier, engine, rows, threads);
        }
        catch
        {
            verifier.Dispose();
            throw;
        }
    }

    public bool ReadsText => causal.ReadsText;

    public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
    {
        Scores scores = causal.Score(special.Count == 0 ? sequence : Translated(sequence), start, cancellation);
        if (scores.Vocabulary == vocabulary) return scores;
        using (scores) return scores.WithVocabulary(vocabulary);
    }

    private int[] Translated(ReadOnlySpan<int> sequence)
    {
        int[] read = sequence.ToArray();
        for (int i = 0; i < read.Length; i++) read[i] = special.GetValueOrDefault(read[i], read[i]);
        return read;
    }

    /// <summary>The verifier's id of a special token; a token that it lacks, such as Dream's begin of text, is read as the end of the text before.</summary>
    private int IdInVerifier(string token) =>
        verifier.Description.Outline.TokenizerFile.AddedTokens.TryGetValue(token, out int id) ? id : verifier.Tokenizer.Special.EndOfText;

    private static bool HaveSameText(LoadedModel model, LoadedModel verifier)
    {
        if (model.Tokenizer.Fingerprint == verifier.Tokenizer.Fingerprint) return true;
        var (one, other) = (model.Description.Outline.TokenizerFile.Vocabulary, verifier.Description.Outline.TokenizerFile.Vocabulary);
        return verifier.Tokenizer.Special.EndOfText == model.Tokenizer.Special.EndOfText && one.All(token => other.TryGetValue(token.Key, out int id) && id == token.Value);
    }

    public void Dispose()
    {
        (runner as IDisposable)?.Dispose(); // waits for its last forward, which may still use the others' memory
        scorer.Dispose();
        verifier.Dispose();
    }
}
