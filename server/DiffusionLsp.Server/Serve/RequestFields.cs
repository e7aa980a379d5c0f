using System.Text.Json;

namespace DiffusionLsp.Server.Serve;

/// <summary>Reads and checks fields of a JSON object: absent and null fields get a default, invalid ones a one-sentence error. It knows no dialect.</summary>
/// <param name="json">An object.</param>
internal readonly struct RequestFields(JsonElement json)
{
    private const int MostStops = 16, LongestStop = 256, MostItems = 256;

    public bool Has(string name) => Find(name) is not null;

    public string? Text(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind is JsonValueKind.String ? TextOf(name, value) : throw ServeError.Bad(name, "a string");
    }

    /// <summary>A string, or an array of one string.</summary>
    public string? TextOrOne(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } array) return Text(name);
        return array.GetArrayLength() == 1 && array[0].ValueKind is JsonValueKind.String ? TextOf(name, array[0]) : throw ServeError.Bad(name, "one string, or an array of one");
    }

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw ServeError.Bad(name, "true or false"),
    };

    /// <summary>A whole number in a range.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number) && number >= least && number <= most
            ? (int)number
            : throw ServeError.Bad(name, $"a whole number from {least} to {most}");
    }

    /// <summary>Stop texts: a string or an array of strings. Empty ones are ignored.</summary>
    public IReadOnlyList<string> Stops(string name)
    {
        IReadOnlyList<string> stops = Find(name) is { ValueKind: JsonValueKind.String } ? [Text(name)!] : Texts(name) ?? [];
        if (stops.Count > MostStops || stops.Any(s => s.Length > LongestStop)) throw ServeError.Bad(name, $"at most {MostStops} strings of at most {LongestStop} characters");
        return [.. stops.Where(s => s.Length > 0)];
    }

    public IReadOnlyList<string>? Texts(string name)
    {
        if (Find(name) is null) return null;
        return [.. Items(name, "strings").Select(item => item.ValueKind is JsonValueKind.String ? TextOf(name, item) : throw ServeError.Bad(name, "an array of strings"))];
    }

    /// <summary>An array of objects; empty if absent.</summary>
    public IReadOnlyList<RequestFields> Objects(string name) =>
        Find(name) is null ? [] : [.. Items(name, "objects").Select(item => item.ValueKind is JsonValueKind.Object ? new RequestFields(item) : throw ServeError.Bad(name, "an array of objects"))];

    /// <summary>An object; empty if absent.</summary>
    public RequestFields Object(string name) => Find(name) switch
    {
        null => default,
        { ValueKind: JsonValueKind.Object } value => new RequestFields(value),
        _ => throw ServeError.Bad(name, "an object"),
    };

    private IEnumerable<JsonElement> Items(string name, string what)
    {
        JsonElement value = Find(name)!.Value;
        return value.ValueKind is JsonValueKind.Array && value.GetArrayLength() <= MostItems ? value.EnumerateArray() : throw ServeError.Bad(name, $"an array of at most {MostItems} {what}");
    }

    private static string TextOf(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ServeError.Bad(name, "valid text, without half of a surrogate pair");
        }
    }

    private JsonElement? Find(string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}
