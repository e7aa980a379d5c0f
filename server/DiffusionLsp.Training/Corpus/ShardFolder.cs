using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// The shards that a verb reads: those of a named folder or else temporary shards of <see cref="OwnTexts"/>. It chooses no cases.
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

    /// <summary>Path of the folder.</summary>
    public string Path { get; }

    /// <summary>Whether these are the program's own few texts.</summary>
    public bool IsOwn { get; }

    /// <summary>A caveat about the cases for tables; null: none.</summary>
    public string? Note => IsOwn
        ? "Quick cases: a few files of this repository, on which the embedded model was not trained; for a look, no basis for claims. --shards FOLDER takes the held-out packages instead."
        : null;

    /// <summary>The option that names the folder.</summary>
    public static Option<string?> Option() => new("--shards") { Description = "Folder made by the corpus verb. Default: a few files that come with the program, for a quick look." };

    /// <param name="named">The value of <see cref="Option"/>; null: the program's own texts.</param>
    /// <param name="tokenizer">The model's tokenizer; the shards must have been made with it.</param>
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

    /// <summary>Deletes temporary shards. Open shards must be closed before.</summary>
    public void Dispose()
    {
        if (IsOwn) Directory.Delete(Path, recursive: true);
    }
}
