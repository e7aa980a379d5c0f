using System.Text.RegularExpressions;

namespace DiffusionLsp.Server.Context.Sources;

/// <summary>
/// The workspace files that the document imports, in languages whose imports name files: relative imports of TypeScript and
/// JavaScript, modules of Python, quoted includes of C and C++. Those of C# do not; other sources find its neighbours.
/// </summary>
internal sealed class ImportsSource : IContextSource
{
    private const int MostFiles = 20;
    private const int HeadOfFile = 20_000;

    private static readonly string[] ScriptEndings = ["", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.tsx", "/index.js"];

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex ScriptImport = new("""(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*["'](?<name>\.{1,2}/[^"'\n]{1,200})["']""", Options);
    private static readonly Regex PythonImport = new("""(?m)^[ \t]*(?:from[ \t]+(?<name>[.\w]+)[ \t]+import|import[ \t]+(?<name>\w[.\w]*))""", Options);
    private static readonly Regex Include = new("""(?m)^[ \t]*#[ \t]*include[ \t]+"(?<name>[^"\n]{1,200})["]""", Options);

    /// <summary>How each language writes a file's name, and which files a name may refer to.</summary>
    private static readonly (string[] Languages, Regex Import, Func<ContextQuery, string, IEnumerable<string>> Files)[] Rows =
    [
        (["typescript", "typescriptreact", "javascript", "javascriptreact"], ScriptImport, Script),
        (["python"], PythonImport, Python),
        (["c", "cpp"], Include, (query, name) => [Path.Combine(FolderOf(query), name)]),
    ];

    public double Weight => 1.3;

    public IEnumerable<ContextText> Find(ContextQuery query)
    {
        if (query.File.Root is null) yield break;
        string head = query.Document.Text[..Math.Min(query.Document.Text.Length, HeadOfFile)];
        var seen = new HashSet<string>();
        foreach (var row in Rows)
        {
            if (!row.Languages.Contains(query.Document.LanguageId)) continue;
            foreach (Match match in row.Import.Matches(head))
                foreach (string path in row.Files(query, match.Groups["name"].Value))
                {
                    if (seen.Count >= MostFiles || query.Deadline.IsCancellationRequested) yield break;
                    if (Resolve(query, path) is not { } file || !seen.Add(file.FullPath)) continue;
                    if (FileTexts.Read(query, file) is { } text) yield return text;
                }
        }
    }

    private static WorkspaceFile? Resolve(ContextQuery query, string path)
    {
        if (path.IndexOfAny(Path.GetInvalidPathChars()) >= 0) return null;
        string full = Path.GetFullPath(path);
        return File.Exists(full) ? query.File.Beside(full) : null;
    }

    private static IEnumerable<string> Script(ContextQuery query, string name)
    {
        string path = Path.Combine(FolderOf(query), name);
        // "./a.js" in TypeScript refers to a.ts.
        string[] stems = Path.GetExtension(path) is ".js" or ".mjs" or ".jsx" ? [path, Path.ChangeExtension(path, null)] : [path];
        return stems.SelectMany(stem => ScriptEndings.Select(ending => stem + ending));
    }

    private static IEnumerable<string> Python(ContextQuery query, string name)
    {
        int dots = name.Length - name.TrimStart('.').Length;
        string module = name[dots..].Replace('.', '/');
        string folder = FolderOf(query);
        for (int up = 1; up < dots; up++) folder = Path.GetDirectoryName(folder) ?? folder;
        string[] folders = dots > 0 ? [folder] : [folder, query.File.Root!, Path.Combine(query.File.Root!, "src")];
        return folders.SelectMany(f => new[] { Path.Combine(f, module + ".py"), Path.Combine(f, module, "__init__.py") });
    }

    private static string FolderOf(ContextQuery query) => Path.GetDirectoryName(query.File.FullPath) ?? query.File.Root!;
}
