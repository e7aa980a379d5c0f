using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>
/// Damages a model's folder in one random way: a value of a JSON file, the JSON itself, bytes, or a whole file. The same seed gives
/// the same damage. It knows the contents of such folders, but not the code that reads them.
/// </summary>
internal sealed class FolderMutator(int seed)
{
    /// <summary>JSON to replace a value with; some of it is invalid.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "-1", "0", "1", "2", "3", "7", "64", "255", "4096", "16384", "65536", "1000000", "16777217", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "1e400", "-1e400", "1e-400", "0.5", "1.0", "1e3", "3.0000001", "NaN", "Infinity", "-0", "01", "\"\"", "\"1\"", "\"x\"", "\"\\ud800\"",
        "\"\\u0000\"", "\"a\\nb\"", "\"(a+)+$\"", "\"(a*)*b|a\"", "\"(?:a{1,99}){1,99}\"", "\"[\"", "\"a*b|a\"", "\"\\\\s*\\\\s*\\\\s*x\"", "\".\"", "\"../../etc/passwd\"", "\"model.safetensors\"", "\"block:1\"",
        "\"F64\"", "\"F16\"", "\"I64\"", "\"U8\"", "[]", "{}", "[null]", "[[]]", "[-1, 5]", "[0, 0]", "[1, 1]", "[99999999999, 99999999999]", "{\"a\": {\"a\": {}}}", "", "]", "//",
    ];

    private readonly Random random = new(seed);

    /// <summary>Damages the folder.</summary>
    /// <returns>What was done, in words.</returns>
    public string Spoil(string folder)
    {
        var done = new List<string>();
        for (int times = random.Next(4) == 0 ? 2 : 1; times > 0; times--)
        {
            string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null).Order(StringComparer.Ordinal)];
            if (files.Length == 0) break;
            string path = files[random.Next(files.Length)];
            done.Add($"{Path.GetRelativePath(folder, path)}: {(random.Next(12) == 0 ? File(path, files) : path.EndsWith(".safetensors", StringComparison.Ordinal) ? Weights(path) : path.EndsWith(".json", StringComparison.Ordinal) ? Json(path) : Bytes(path))}");
        }
        return string.Join("; ", done);
    }

    /// <summary>A whole file.</summary>
    private string File(string path, string[] files)
    {
        switch (random.Next(6))
        {
            case 0:
                System.IO.File.Delete(path);
                return "deleted";
            case 1:
                System.IO.File.Delete(path);
                Directory.CreateDirectory(path);
                return "a folder";
            case 2:
                System.IO.File.Delete(path);
                System.IO.File.CreateSymbolicLink(path, path + ".nowhere");
                return "a link to nowhere";
            case 3:
                string other = files[random.Next(files.Length)];
                System.IO.File.WriteAllBytes(path, System.IO.File.ReadAllBytes(other));
                return $"the content of {Path.GetFileName(other)}";
            case 4:
                System.IO.File.WriteAllBytes(path, []);
                return "empty";
            default:
                System.IO.File.WriteAllText(path, string.Concat(Enumerable.Repeat(Pick("[", "{\"a\":", "0", " ", "\"", "\0", "null,"), 100_000)));
                return "100,000 times the same";
        }
    }

    private string Weights(string path)
    {
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        long claimed = bytes.Length < 8 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (claimed <= 0 || claimed > bytes.Length - 8) return Bytes(path);
        int header = (int)claimed;
        switch (random.Next(5))
        {
            case 0: return Bytes(path);
            case 1:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, random.Next(3) switch { 0 => random.NextInt64(), 1 => header + random.Next(-3, 4), _ => bytes.Length });
                System.IO.File.WriteAllBytes(path, bytes);
                return "another length of the header";
            case 2:
                int at = 8 + header + random.Next(Math.Max(1, bytes.Length - 8 - header)), count = Math.Max(0, Math.Min(bytes.Length - at, random.Next(1, 200)));
                byte value = (byte)random.Next(256);
                if (random.Next(2) == 0) bytes.AsSpan(at, count).Fill(value);
                else random.NextBytes(bytes.AsSpan(at, count));
                System.IO.File.WriteAllBytes(path, bytes);
                return $"{count} bytes of data";
            default:
                string text = Encoding.UTF8.GetString(bytes, 8, header);
                (string changed, string what) = Changed(text);
                byte[] json = Encoding.UTF8.GetBytes(changed);
                var length = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
                System.IO.File.WriteAllBytes(path, [.. length, .. json, .. bytes[(8 + header)..]]);
                return "header: " + what;
        }
    }

    private string Json(string path)
    {
        if (random.Next(6) == 0) return Bytes(path);
        (string text, string what) = Changed(System.IO.File.ReadAllText(path));
        System.IO.File.WriteAllText(path, text);
        return what;
    }

    /// <summary>One value, key or element of a JSON text changed.</summary>
    private (string Text, string What) Changed(string text)
    {
        JsonNode? root;
        List<JsonNode> parents;
        try
        {
            root = JsonNode.Parse(text);
            parents = [.. Parents(root)];
            _ = root?.ToJsonString();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return (text + "}", "a bracket more"); // it was spoilt before
        }
        if (parents.Count == 0) return (Pick(Values), "another value");
        // Small objects matter as much as a vocabulary of thousands.
        JsonNode parent = random.Next(2) == 0 ? parents[random.Next(Math.Min(8, parents.Count))] : parents[random.Next(parents.Count)];
        string value = Pick(Values);
        const string Mark = "\u2603mark\u2603";
        string place;
        if (parent is JsonObject map)
        {
            string key = map.Count == 0 || random.Next(12) == 0 ? Pick("x", "block_size", "mask_token_id", "num_experts", "rope_scaling", "logit_shift", "experts", "ignore_merges") : map.ElementAt(random.Next(map.Count)).Key;
            place = $"{map.GetPath()}.{key}";
            switch (random.Next(6))
            {
                case 0 when map.ContainsKey(key):
                    map.Remove(key);
                    return (root!.ToJsonString(), $"{place} removed");
                case 1 when map.ContainsKey(key) && map.Count > 1:
                    map[key] = map.ElementAt(random.Next(map.Count)).Value?.DeepClone();
                    return (root!.ToJsonString(), $"{place} is a neighbour's");
                case 2 when map.ContainsKey(key):
                    string twice = root!.ToJsonString(), written = $"\"{key}\":";
                    return (twice.Contains(written, StringComparison.Ordinal) ? twice.Replace(written, $"{written}{value},{written}") : twice, $"{place} twice");
                default: map[key] = Mark; break;
            }
        }
        else
        {
            var list = (JsonArray)parent;
            place = list.GetPath();
            if (list.Count == 0 || random.Next(4) == 0) list.Add(Mark);
            else if (random.Next(4) == 0) list.RemoveAt(random.Next(list.Count));
            else list[random.Next(list.Count)] = Mark;
        }
        string shown = root!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        return (shown.Replace($"\"{Mark}\"", value), $"{place} is {value}");
    }

    private string Bytes(string path)
    {
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        int at = random.Next(bytes.Length + 1);
        (byte[] changed, string what) = random.Next(5) switch
        {
            0 => (bytes[..at], "cut"),
            1 => ([.. bytes[..at], (byte)random.Next(256), .. bytes[at..]], "a byte more"),
            2 when at < bytes.Length => ([.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]], "a bit"),
            3 => ([.. "\uFEFF"u8, .. bytes], "a byte order mark"),
            _ => ([.. bytes, .. bytes[..Math.Min(at, 100)]], "longer"),
        };
        System.IO.File.WriteAllBytes(path, changed);
        return $"{what} at {at}";
    }

    private string Pick(params string[] from) => from[random.Next(from.Length)];

    private static IEnumerable<JsonNode> Parents(JsonNode? node) => node switch
    {
        JsonObject map => [map, .. map.SelectMany(e => Parents(e.Value))],
        JsonArray list => [list, .. list.Take(50).SelectMany(Parents)],
        _ => [],
    };
}
