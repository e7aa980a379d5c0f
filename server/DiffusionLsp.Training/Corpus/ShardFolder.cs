using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// The shards that a verb reads: those of a folder, or, when none is named, shards of <see cref="OwnTexts"/> that are made for the
/// moment. It chooses no cases.
/// </summary>
internal sealed class ShardFolder : IDisposable
{
    private readonly CodeTokenizer tokenizer;

    private ShardFolder(string folder, CodeTokenizer tokenizer, bool own)
    {
        Path = folder;
        this.tokenizer = tokenizer;
        IsOwn = own;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Whether these are the few texts that come with the program.</summary>
    public bool IsOwn { get; }

    /// <summary>What a table must say about its cases; null: nothing.</summary>
    public string? Note => IsOwn
        ? "Quick cases: a few files of this repository, on which the embedded model was not trained; for a look, no basis for claims. --shards FOLDER takes the held-out packages instead."
        : null;

    /// <summary>The option that names the folder.</summary>
    public static Option<string?> Option() => new("--shards") { Description = "Folder made by the corpus verb. Default: a few files that come with the program, for a quick look." };

    /// <param name="named">What was given with <see cref="Option"/>.</param>
    /// <param name="tokenizer">The model's; the shards must be of it.</param>
    /// <exception cref="EngineException">No shards can be made with this tokenizer.</exception>
    public static ShardFolder Of(string? named, CodeTokenizer tokenizer)
    {
        if (named is not null) return new ShardFolder(named, tokenizer, own: false);
        CorpusTokenizer.RequireShortIds(tokenizer, "of the model");
        string folder = Directory.CreateTempSubdirectory("diffusion-lsp-cases-").FullName;
        var made = new ShardFolder(folder, tokenizer, own: true);
        try
        {
            var documents = new CorpusTokenizer(tokenizer);
            foreach (string split in OwnTexts.Splits)
                foreach (string language in Languages.All)
                    TokenShardWriter.Write(folder, $"{language}.{split}", [.. OwnTexts.Of(language, split).Select(documents.Tokenize)], tokenizer.VocabularySize, tokenizer.Fingerprint);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Opens one shard.</summary>
    /// <param name="name">For example <c>csharp.eval</c>.</param>
    /// <exception cref="EngineException">It is missing, damaged, or was made with another tokenizer.</exception>
    public TokenShard Open(string name)
    {
        TokenShard shard = TokenShard.Open(Path, name);
        if (shard.TokenizerFingerprint == tokenizer.Fingerprint) return shard;
        shard.Dispose();
        throw new EngineException($"The shard '{name}' was made with another tokenizer than the model's; make the shards again with the corpus verb.");
    }

    /// <summary>Deletes what was made for the moment. Shards that are open must be closed before.</summary>
    public void Dispose()
    {
        if (IsOwn) Directory.Delete(Path, recursive: true);
    }
}
