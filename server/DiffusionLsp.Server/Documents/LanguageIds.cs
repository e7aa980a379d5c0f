namespace DiffusionLsp.Server.Documents;

/// <summary>LSP language identifiers by file extension, for files that no editor has opened.</summary>
internal static class LanguageIds
{
    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".c"] = "c", [".h"] = "c", [".cc"] = "cpp", [".cpp"] = "cpp", [".hpp"] = "cpp",
        [".cs"] = "csharp", [".csx"] = "csharp", [".css"] = "css", [".fs"] = "fsharp", [".go"] = "go",
        [".html"] = "html", [".java"] = "java", [".js"] = "javascript", [".cjs"] = "javascript", [".mjs"] = "javascript",
        [".json"] = "json", [".jsx"] = "javascriptreact", [".kt"] = "kotlin", [".lua"] = "lua", [".md"] = "markdown",
        [".php"] = "php", [".py"] = "python", [".pyi"] = "python", [".rb"] = "ruby", [".rs"] = "rust",
        [".sh"] = "shellscript", [".sql"] = "sql", [".swift"] = "swift", [".ts"] = "typescript", [".cts"] = "typescript",
        [".mts"] = "typescript", [".tsx"] = "typescriptreact", [".xml"] = "xml", [".yaml"] = "yaml", [".yml"] = "yaml",
    };

    /// <summary>The identifier for a file name; null: unknown extension.</summary>
    public static string? ForFile(string path) => ByExtension.GetValueOrDefault(Path.GetExtension(path));
}
