using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>What the value of a knob, a setting or an option may be: how it is described, read, written and refused.</summary>
public abstract class ValueKind
{
    private const int MostGiven = 60; // characters

    /// <summary>What is accepted, in words: "a whole number from 0 to 2000".</summary>
    public abstract string Accepts { get; }

    /// <summary>What stands for the value in the command line's help: "N".</summary>
    public virtual string Placeholder => "VALUE";

    /// <summary>What is accepted, as JSON Schema without default and description: for editors' settings pages.</summary>
    public abstract JsonObject Schema { get; }

    /// <summary>The value in JSON; null: it is not acceptable.</summary>
    public object? Read(JsonElement json) => FromJson(json) is { } value && Holds(value) ? value : null;

    /// <summary>The value in an argument of the command line; null: it is not acceptable.</summary>
    public object? Read(string text) => FromText(text) is { } value && Holds(value) ? value : null;

    /// <summary>The value as JSON.</summary>
    public virtual string Json(object value) => JsonSerializer.Serialize(value);

    /// <summary>Whether the value has the type and lies in the range.</summary>
    public abstract bool Holds(object value);

    /// <summary>Why a value is refused, without a full stop.</summary>
    /// <param name="name">What was given a value.</param>
    /// <param name="given">The value as it was written.</param>
    public string Refusal(string name, string given)
    {
        int end = char.IsHighSurrogate(given.ElementAtOrDefault(MostGiven - 1)) ? MostGiven - 1 : MostGiven;
        return $"{name} must be {Accepts}, not {(given.Length <= MostGiven ? given : given[..end] + "…").ReplaceLineEndings(" ")}";
    }

    /// <summary>The value, whatever its range; null: it is of another type.</summary>
    protected abstract object? FromJson(JsonElement json);

    /// <summary>The value, whatever its range; null: it is of another type, or of one that cannot be written in one argument.</summary>
    protected virtual object? FromText(string text) => null;
}

/// <summary>A <see cref="ValueKind"/> whose values have the type <typeparamref name="T"/>.</summary>
public abstract class ValueKind<T> : ValueKind where T : notnull
{
    /// <inheritdoc/>
    public sealed override bool Holds(object value) => value is T typed && Allows(typed);

    /// <summary>Whether the value lies in the range.</summary>
    protected virtual bool Allows(T value) => true;
}
