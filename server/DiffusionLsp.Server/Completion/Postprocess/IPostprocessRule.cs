namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>One rule between the model's text and the suggestion. Pure: draft in, draft out; an empty draft is dropped.</summary>
internal interface IPostprocessRule
{
    /// <summary>The reason for no suggestion if this rule leaves nothing.</summary>
    NothingReason WhenEmpty { get; }

    /// <summary>The draft after the rule. Line breaks are LF in the draft and in the surroundings.</summary>
    string Apply(string draft, Surroundings surroundings);
}
