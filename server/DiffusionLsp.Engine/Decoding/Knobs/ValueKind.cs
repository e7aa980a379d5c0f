using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>Type and range of a knob, a setting or an option: how values are described, parsed, written and rejected.</summary>
public abstract class ValueKind
{
    private const int MostGiven = 60; // characters

    /// <summary>The accepted values in words, for example "a whole number from 0 to 2000".</summary>
    public abstract string Accepts { get; }

    /// <summary>The placeholder in the command line's help, for example "N".</summary>
    public virtual string Placeholder => "VALUE";

    /// <summary>The accepted values as JSON Schema, without default and description, for editors' settings pages.</summary>
    public abstract JsonObject Schema { get; }

    /// <summary>Reads a value from JSON; null: not accepted.</summary>
    public object? Read(JsonElement json) => FromJson(json) is { } value && Holds(value) ? value : null;

    /// <summary>Reads a value from a command-line argument; null: not accepted.</summary>
    public object? Read(string text) => FromText(text) is { } value && Holds(value) ? value : null;

    /// <summary>The value as JSON.</summary>
    public virtual string Json(object value) => JsonSerializer.Serialize(value);

    /// <summary>Whether the value has the right type and is in range.</summary>
    public abstract bool Holds(object value);

    /// <summary>The error message for a rejected value, without a full stop.</summary>
    /// <param name="name">Name of the knob, setting or option.</param>
    /// <param name="given">The value as the user wrote it.</param>
    public string Refusal(string name, string given)
    {
        int end = char.IsHighSurrogate(given.ElementAtOrDefault(MostGiven - 1)) ? MostGiven - 1 : MostGiven;
        return $"{name} must be {Accepts}, not {(given.Length <= MostGiven ? given : given[..end] + "…").ReplaceLineEndings(" ")}";
    }

    /// <summary>Parses a value of any range; null: wrong type.</summary>
    protected abstract object? FromJson(JsonElement json);

    /// <summary>Parses a value of any range; null: wrong type, or a type that no single argument can express.</summary>
    protected virtual object? FromText(string text) => null;
}

/// <summary>A <see cref="ValueKind"/> whose values have the type <typeparamref name="T"/>.</summary>
public abstract class ValueKind<T> : ValueKind where T : notnull
{
    /// <inheritdoc/>
    public sealed override bool Holds(object value) => value is T typed && Allows(typed);

    /// <summary>Whether the value is in range.</summary>
    protected virtual bool Allows(T value) => true;
}
