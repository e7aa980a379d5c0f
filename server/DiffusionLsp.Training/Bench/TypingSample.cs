namespace DiffusionLsp.Training.Bench;

/// <summary>A file with a typing session: text before, the characters typed one by one, text after. It knows no model.</summary>
internal sealed record TypingSample(string Path, string Before, string Typed, string After)
{
    private const char Mark = '║';

    /// <summary>The files of <c>eng/samples/typing</c>, embedded in this program. Two marks in each enclose what is typed.</summary>
    public static IReadOnlyList<TypingSample> All { get; } = [.. typeof(TypingSample).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("typing/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>The request's prefix after each keystroke.</summary>
    public IEnumerable<string> Prefixes => Enumerable.Range(1, Typed.Length).Select(length => Before + Typed[..length]);

    private static TypingSample Read(string name)
    {
        using var reader = new StreamReader(typeof(TypingSample).Assembly.GetManifestResourceStream(name)!);
        string[] parts = reader.ReadToEnd().Split(Mark);
        return parts is [var before, var typed, var after]
            ? new TypingSample(name, before, typed, after)
            : throw new InvalidOperationException($"The sample {name} does not contain two marks.");
    }
}
