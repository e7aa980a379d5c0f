namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>One rule between the model's text and the suggestion. Pure: draft in, draft out; empty means drop it.</summary>
internal interface IPostprocessRule
{
    /// <summary>Why there is no suggestion when this rule leaves nothing.</summary>
    NothingReason WhenEmpty { get; }

    /// <summary>The draft after the rule. Line breaks are LF, in the draft as in the surroundings.</summary>
    string Apply(string draft, Surroundings surroundings);
}

/// <summary>What stands around the cursor.</summary>
/// <param name="LinePrefix">The cursor's line before the cursor.</param>
/// <param name="Suffix">Everything after the cursor that the model saw, with the blanks before the first line break taken out.</param>
/// <param name="SingleLine">Whether only this line is being completed.</param>
internal sealed record Surroundings(string LinePrefix, string Suffix, bool SingleLine)
{
    /// <summary>The first line below the cursor's that is not blank; empty when there is none.</summary>
    public string NextLine { get; } =
        Suffix.Split('\n').Skip(1).FirstOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "";

    public static Surroundings Of(string linePrefix, string suffix, bool singleLine)
    {
        int lineEnd = suffix.IndexOf('\n');
        if (lineEnd < 0) lineEnd = suffix.Length;
        return new Surroundings(linePrefix, suffix[..lineEnd].TrimEnd() + suffix[lineEnd..], singleLine);
    }
}
