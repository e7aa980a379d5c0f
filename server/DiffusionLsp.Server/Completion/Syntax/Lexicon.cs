using System.Collections.Frozen;

namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>What a <see cref="Scanner"/> has to know of a family of languages: how its comments and strings begin and end, and what makes a statement whole. A table and a look-up.</summary>
internal sealed record Lexicon
{
    private static readonly (string, string)[] Slashes = [("/*", "*/")];
    private static readonly (string, string)[] Templates = [("<%", "%>"), ("<?", "?>")];
    private static readonly (string, string)[] Others = [("<!--", "-->"), ("{-", "-}"), ("(*", "*)"), ("<#", "#>"), ("#|", "|#"), ("#=", "=#")];

    /// <summary>A language that is not in the table: strings as most languages have them, and no comments.</summary>
    public static Lexicon Unknown { get; } = new() { Quotes = "\"'`", LongQuotes = "`", TripleQuotes = "\"'" };

    private static readonly Lexicon Prose = new() { IsProse = true };
    private static readonly Lexicon Braces = new() { LineComments = ["//"], BlockComments = Slashes, Quotes = "\"'", HasHeaders = true };
    private static readonly Lexicon Statements = Braces with { EndsStatements = true };
    private static readonly Lexicon Script = Braces with { Quotes = "\"'`", LongQuotes = "`", HasRegex = true };
    private static readonly Lexicon Sheet = new() { LineComments = ["//"], BlockComments = Slashes, Quotes = "\"'" };
    private static readonly Lexicon Hash = new() { LineComments = ["#"], Quotes = "\"'" };
    private static readonly Lexicon Markup = new() { HasTags = true, BlockComments = [("<!--", "-->")], Quotes = "\"'" };

    private static readonly FrozenDictionary<string, Lexicon> ByLanguage = new Dictionary<string, Lexicon>
    {
        ["csharp"] = Statements with { TripleQuotes = "\"", Foreign = ["===", "!==", ":="] },
        ["java"] = Statements with { TripleQuotes = "\"", Foreign = ["=>", "===", "!==", ":="] },
        ["c"] = Statements with { Foreign = ["=>", "===", "!==", ":="] },
        ["cpp"] = Statements with { Foreign = ["=>", "===", "!==", ":="] },
        ["php"] = Statements with { Foreign = [":="], LineComments = ["//", "#"], LongQuotes = "\"'" },
        ["go"] = Braces with { Foreign = ["=>", "===", "!=="], Quotes = "\"'`", LongQuotes = "`" },
        ["rust"] = Braces with { Foreign = ["===", "!==", ":="], LongQuotes = "\"" },
        ["kotlin"] = Braces with { TripleQuotes = "\"" },
        ["swift"] = Braces with { TripleQuotes = "\"" },
        ["javascript"] = Script, ["javascriptreact"] = Script, ["typescript"] = Script, ["typescriptreact"] = Script,
        ["css"] = Sheet with { LineComments = [] }, ["scss"] = Sheet, ["less"] = Sheet,
        ["json"] = Sheet with { Quotes = "\"" }, ["jsonc"] = Sheet with { Quotes = "\"" },
        ["python"] = Hash with { Foreign = ["&&", "||", "=>", "===", "!=="], TripleQuotes = "\"'", IndentsBlocks = true },
        ["ruby"] = Hash with { LongQuotes = "\"'" },
        ["shellscript"] = Hash with { LongQuotes = "\"'" },
        ["yaml"] = Hash,
        ["html"] = Markup, ["xml"] = Markup,
        ["markdown"] = Prose, ["plaintext"] = Prose,
    }.ToFrozenDictionary();

    /// <summary>What begins a comment to the end of its line.</summary>
    public string[] LineComments { get; private init; } = [];

    /// <summary>What begins and ends other comments.</summary>
    public (string Open, string Close)[] BlockComments { get; private init; } = [];

    /// <summary>What may begin and end a comment, or a piece of another language; of an unknown language, what does so in any.</summary>
    public IEnumerable<(string Open, string Close)> Enclosures => 
        Templates.Concat(!IsKnown ? Slashes.Concat(Others) : HasTags ? BlockComments.Concat(Slashes) : BlockComments);

    /// <summary>What begins and ends strings.</summary>
    public string Quotes { get; private init; } = "";

    /// <summary>Those of the quotes whose strings may go on over lines.</summary>
    public string LongQuotes { get; private init; } = "";

    /// <summary>Those of the quotes of which three begin a string over lines.</summary>
    public string TripleQuotes { get; private init; } = "";

    /// <summary>Whether "&lt;" and "&gt;" are brackets.</summary>
    public bool HasTags { get; private init; }

    /// <summary>Whether a slash may begin a regular expression.</summary>
    public bool HasRegex { get; private init; }

    /// <summary>Whether a statement ends with a semicolon or a block, and must.</summary>
    public bool EndsStatements { get; private init; }

    /// <summary>Whether what a header such as <c>if (…)</c> heads must follow it, in braces or not.</summary>
    public bool HasHeaders { get; private init; }

    /// <summary>Whether blocks are what is indented behind a colon.</summary>
    public bool IndentsBlocks { get; private init; }

    /// <summary>Operators of other languages that this one does not have.</summary>
    public string[] Foreign { get; private init; } = [];

    /// <summary>Whether it is text for people.</summary>
    public bool IsProse { get; private init; }

    /// <summary>Whether anything is known about the language, so that text far above the cursor can be read.</summary>
    public bool IsKnown => !ReferenceEquals(this, Unknown);

    /// <summary>The lexicon of an LSP language identifier; null: of no language.</summary>
    public static Lexicon Of(string? language) => language is not null && ByLanguage.TryGetValue(language, out Lexicon? found) ? found : Unknown;
}
