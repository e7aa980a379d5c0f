namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Checks that a tokenizer's ids are dense and unique, and that every byte has a token. It knows nothing of JSON.
/// </summary>
internal static class TokenizerFileChecks
{
    /// <summary>Larger ids are rejected as invalid.</summary>
    private const int MostIds = 1 << 22;

    /// <summary>
    /// Requires that ordinary and added tokens together use each id from 0 exactly once; gaps are allowed above the ordinary ones,
    /// where models reserve ids.
    /// </summary>
    /// <exception cref="EngineException">They do not.</exception>
    public static void Ids(string path, IReadOnlyDictionary<string, int> vocabulary, IReadOnlyDictionary<string, int> added)
    {
        int count = vocabulary.Count + added.Count;
        string?[] owners = new string?[Math.Max(count, Math.Min(MostIds, added.Values.DefaultIfEmpty(0).Max() + 1))];
        foreach ((string token, int id) in vocabulary.Concat(added))
        {
            if (id < 0 || id >= (vocabulary.ContainsKey(token) ? count : owners.Length))
                throw TokenizerFile.Refuse(path, $"has {count} tokens but gives '{token}' the id {id}", "ids must be dense from 0, so fetch the file again");
            if (owners[id] is { } owner)
                throw TokenizerFile.Refuse(path, $"gives both '{owner}' and '{token}' the id {id}", "ids must be unique, so fetch the file again");
            owners[id] = token;
        }
        int lastOrdinary = vocabulary.Values.DefaultIfEmpty(-1).Max(), gap = Array.IndexOf(owners, null);
        if (gap >= 0 && gap < lastOrdinary) throw TokenizerFile.Refuse(path, $"has no token with the id {gap}", "ids must be dense from 0, so fetch the file again");
        for (int value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteAlphabet.CharacterOf((byte)value).ToString()))
                throw TokenizerFile.Refuse(path, $"has no token for the byte 0x{value:X2}", "only byte-level BPE is supported, so choose a model with that");
        }
        foreach (string token in vocabulary.Keys)
        {
            if (ByteAlphabet.Unspell(token) is null)
                throw TokenizerFile.Refuse(path, $"contains the token '{token}', which is not spelt in the byte-level alphabet", "only byte-level BPE is supported, so choose a model with that");
        }
    }
}
