namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// A pre-tokenizer's pattern as a tree: what such patterns are made of, and nothing that needs backtracking. It knows no text
/// and no sets of characters beyond their numbers.
/// </summary>
internal abstract record PatternNode
{
    /// <summary>Whether it may match nothing at all.</summary>
    public abstract bool MayBeEmpty { get; }
}

/// <summary>One character out of a set.</summary>
/// <param name="Number">Which of the pattern's sets.</param>
internal sealed record SetNode(int Number) : PatternNode
{
    public override bool MayBeEmpty => false;
}

/// <summary>Whether the next character is of a set; takes none.</summary>
/// <param name="Wanted">False: it is not of the set, or the text ends.</param>
internal sealed record LookNode(int Number, bool Wanted) : PatternNode
{
    public override bool MayBeEmpty => true;
}

/// <summary>One after the other.</summary>
internal sealed record SequenceNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    public override bool MayBeEmpty { get; } = Parts.All(p => p.MayBeEmpty);
}

/// <summary>One of several, the first that leads to a match.</summary>
internal sealed record ChoiceNode(IReadOnlyList<PatternNode> Ways) : PatternNode
{
    public override bool MayBeEmpty { get; } = Ways.Any(w => w.MayBeEmpty);
}

/// <summary>Several times in a row.</summary>
/// <param name="Most">Null: no limit.</param>
internal sealed record RepeatNode(PatternNode Body, int Least, int? Most, RepeatKind Kind) : PatternNode
{
    public override bool MayBeEmpty { get; } = Least == 0 || Body.MayBeEmpty;
}

/// <summary>How often, where there is a choice.</summary>
internal enum RepeatKind
{
    /// <summary>As often as possible.</summary>
    Greedy,
    /// <summary>As rarely as possible.</summary>
    Lazy,
    /// <summary>As often as possible, and nothing of it is given back.</summary>
    Possessive,
}
