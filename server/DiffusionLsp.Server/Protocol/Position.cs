using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary>A place in a document; both numbers start at 0, the character counts units of the negotiated position encoding.</summary>
internal sealed record Position
{
    /// <exception cref="JsonException">A number is negative.</exception>
    public Position(int line, int character)
    {
        if (line < 0 || character < 0) throw new InvalidParameters("A position's line and character must not be negative.");
        Line = line;
        Character = character;
    }

    [JsonConverter(typeof(Count))]
    public int Line { get; }

    [JsonConverter(typeof(Count))]
    public int Character { get; }
}

/// <summary>A range of a document; the end is exclusive.</summary>
internal sealed record Range(Position Start, Position End);

/// <summary>A document by its URI.</summary>
internal sealed record TextDocumentIdentifier(string Uri);
