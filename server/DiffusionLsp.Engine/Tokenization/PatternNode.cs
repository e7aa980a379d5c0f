namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// A pre-tokenizer's pattern as a syntax tree, limited to what can be matched without backtracking. It knows no text, and sets of
/// characters only by number.
/// </summary>
internal abstract record PatternNode
{
    /// <summary>Whether it can match the empty string.</summary>
    public abstract bool MayBeEmpty { get; }
}

/// <summary>One character of a set.</summary>
/// <param name="Number">Index of the set in the pattern.</param>
internal sealed record SetNode(int Number) : PatternNode
{
    public override bool MayBeEmpty => false;
}

/// <summary>A lookahead: whether the next character is in a set. Consumes nothing.</summary>
/// <param name="Wanted">False: the character must not be in the set; the end of the text also satisfies this.</param>
internal sealed record LookNode(int Number, bool Wanted) : PatternNode
{
    public override bool MayBeEmpty => true;
}

/// <summary>Parts in sequence.</summary>
internal sealed record SequenceNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    public override bool MayBeEmpty { get; } = Parts.All(p => p.MayBeEmpty);
}

/// <summary>Ordered alternatives: the first that leads to a match.</summary>
internal sealed record ChoiceNode(IReadOnlyList<PatternNode> Ways) : PatternNode
{
    public override bool MayBeEmpty { get; } = Ways.Any(w => w.MayBeEmpty);
}

/// <summary>A repetition.</summary>
/// <param name="Most">Null: no limit.</param>
internal sealed record RepeatNode(PatternNode Body, int Least, int? Most, RepeatKind Kind) : PatternNode
{
    public override bool MayBeEmpty { get; } = Least == 0 || Body.MayBeEmpty;
}

/// <summary>How many repetitions are preferred.</summary>
internal enum RepeatKind
{
    /// <summary>As many as possible.</summary>
    Greedy,
    /// <summary>As few as possible.</summary>
    Lazy,
    /// <summary>As many as possible, without giving any back.</summary>
    Possessive,
}
