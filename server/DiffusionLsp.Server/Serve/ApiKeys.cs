using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Server.Serve;

/// <summary>The API keys by the names of their owners. Only hashes are kept; they are compared in constant time. It knows nothing of HTTP.</summary>
internal sealed class ApiKeys
{
    private const int LeastCharacters = 16;

    private readonly IReadOnlyList<(string Name, byte[] Hash)> rows;

    private ApiKeys(IReadOnlyList<(string, byte[])> rows) => this.rows = rows;

    public static ApiKeys None { get; } = new([]);

    public bool AreNeeded => rows.Count > 0;

    /// <summary>Parses lines of a name and a key; empty lines and those that begin with # are ignored.</summary>
    /// <exception cref="UserException">A line is malformed; the message does not contain it.</exception>
    public static ApiKeys Parse(string text)
    {
        var rows = new List<(string, byte[])>();
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() is not { Length: > 0 } line || line[0] == '#') continue;
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || words[1].Length < LeastCharacters) throw new UserException($"Line {i + 1} of the keys is not a name and a key of at least {LeastCharacters} characters; write 'NAME KEY'.");
            rows.Add((words[0], Hash(words[1])));
        }
        return rows.Count > 0 ? new ApiKeys(rows) : throw new UserException("There are no keys; write one 'NAME KEY' per line.");
    }

    /// <summary>The name of a key's owner; null: unknown key. Every key is compared, so the time reveals nothing.</summary>
    public string? Owner(string key)
    {
        byte[] hash = Hash(key);
        string? owner = null;
        foreach ((string name, byte[] known) in rows)
            if (CryptographicOperations.FixedTimeEquals(hash, known)) owner = name;
        return owner;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
