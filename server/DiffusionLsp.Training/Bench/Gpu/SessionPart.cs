namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>One part of a session: a program with its arguments, and how its results become one line.</summary>
/// <param name="Program">The executable; null: this program.</param>
/// <param name="LimitSeconds">Stopped after this.</param>
/// <param name="Numbers">The file of numbers that it writes; null: none.</param>
/// <param name="Line">One line from what it printed and from its numbers (JSON; null: none).</param>
/// <param name="Missing">Why it cannot run here; null: it can.</param>
internal sealed record SessionPart(string Name, string? Program, IReadOnlyList<string> Arguments, int LimitSeconds, string? Numbers, Func<string, string?, string> Line, string? Missing = null);
