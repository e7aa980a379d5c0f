// Reads C# documents, one JSON string a line, and writes how many syntax errors each has, one number a line.
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

var options = new CSharpParseOptions(LanguageVersion.Latest);
while (Console.ReadLine() is { } line)
{
    SyntaxTree tree = CSharpSyntaxTree.ParseText(JsonSerializer.Deserialize<string>(line)!, options);
    Console.WriteLine(tree.GetDiagnostics().Count(d => d.Severity == DiagnosticSeverity.Error));
}
