namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>One rule between the model's text and the suggestion. Pure: draft in, draft out; empty means drop it.</summary>
internal interface IPostprocessRule
{
    /// <summary>Why there is no suggestion when this rule leaves nothing.</summary>
    NothingReason WhenEmpty { get; }

    /// <summary>The draft after the rule. Line breaks are LF, in the draft as in the surroundings.</summary>
    string Apply(string draft, Surroundings surroundings);
}
