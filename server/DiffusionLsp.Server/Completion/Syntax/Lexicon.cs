using System.Collections.Frozen;

namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>What a <see cref="Scanner"/> needs to know about a family of languages: how comments and strings begin and end, and what makes a statement complete. A table and a lookup.</summary>
internal sealed record Lexicon
{
    private static readonly (string, string)[] Slashes = [("/*", "*/")];
    private static readonly (string, string)[] Templates = [("<%", "%>"), ("<?", "?>")];
    private static readonly (string, string)[] Others = [("<!--", "-->"), ("{-", "-}"), ("(*", "*)"), ("<#", "#>"), ("#|", "|#"), ("#=", "=#")];

    /// <summary>For languages not in the table: strings as in most languages, no comments.</summary>
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

    /// <summary>Start of a comment to the end of its line.</summary>
    public string[] LineComments { get; private init; } = [];

    /// <summary>Start and end of other comments.</summary>
    public (string Open, string Close)[] BlockComments { get; private init; } = [];

    /// <summary>Start and end of comments and of embedded languages; for an unknown language, those of all languages.</summary>
    public IEnumerable<(string Open, string Close)> Enclosures => 
        Templates.Concat(!IsKnown ? Slashes.Concat(Others) : HasTags ? BlockComments.Concat(Slashes) : BlockComments);

    /// <summary>Characters that begin and end strings.</summary>
    public string Quotes { get; private init; } = "";

    /// <summary>The quotes whose strings may span lines.</summary>
    public string LongQuotes { get; private init; } = "";

    /// <summary>The quotes that, tripled, begin a string that spans lines.</summary>
    public string TripleQuotes { get; private init; } = "";

    /// <summary>Whether "&lt;" and "&gt;" are brackets.</summary>
    public bool HasTags { get; private init; }

    /// <summary>Whether a slash may begin a regular expression.</summary>
    public bool HasRegex { get; private init; }

    /// <summary>Whether every statement must end with a semicolon or a block.</summary>
    public bool EndsStatements { get; private init; }

    /// <summary>Whether a header such as <c>if (…)</c> must be followed by a statement or block.</summary>
    public bool HasHeaders { get; private init; }

    /// <summary>Whether blocks are indented lines after a colon.</summary>
    public bool IndentsBlocks { get; private init; }

    /// <summary>Operators of other languages that this one lacks.</summary>
    public string[] Foreign { get; private init; } = [];

    /// <summary>Whether the language is prose.</summary>
    public bool IsProse { get; private init; }

    /// <summary>Whether the language is known, so that text far above the cursor can be scanned.</summary>
    public bool IsKnown => !ReferenceEquals(this, Unknown);

    /// <summary>The lexicon for an LSP language identifier; null: unknown.</summary>
    public static Lexicon Of(string? language) => language is not null && ByLanguage.TryGetValue(language, out Lexicon? found) ? found : Unknown;
}
