using System.Reflection;
using System.Text.RegularExpressions;
using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests;

/// <summary>
/// Every regular expression in the server, found by reflection, on texts that make backtracking ones hang. The tidy tests ensure
/// that none is created in another way.
/// </summary>
public class RegularExpressionsTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private static readonly string[] Pieces =
        [" ", "\t", "\n", "a", "a ", "\"", "'", "import ", "import\t\t", "from ", "require ( ", "import ( ", "# include ", "# ", "from \"./", "./", ".", ")", "*", "**/", "/", "[", "\\", "é", "🙂"];

    private static IEnumerable<(string Name, Regex Expression)> All()
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (Type type in typeof(ServerHost).Assembly.GetTypes())
        {
            if (type.ContainsGenericParameters) continue;
            foreach (FieldInfo field in type.GetFields(Any))
                if (field.FieldType == typeof(Regex) && field.GetValue(null) is Regex held) yield return ($"{type.Name}.{field.Name}", held);
            foreach (MethodInfo method in type.GetMethods(Any))
                if (method.ReturnType == typeof(Regex) && method.GetParameters().Length == 0 && method.Invoke(null, null) is Regex made) yield return ($"{type.Name}.{method.Name}", made);
        }
    }

    [Fact]
    public async Task None_hangs()
    {
        (string Name, Regex Expression)[] all = [.. All()];
        Assert.NotEmpty(all);
        foreach ((string name, Regex expression) in all)
        {
            Assert.True(expression.Options.HasFlag(RegexOptions.NonBacktracking), $"{name} backtracks");
            foreach (string piece in Pieces)
            {
                string text = string.Concat(Enumerable.Repeat(piece, 50_000 / piece.Length));
                await Task.Run(() => expression.Count(text + "!")).WaitAsync(Hang);
            }
        }
    }

    [Fact]
    public async Task No_line_of_an_ignore_file_hangs()
    {
        foreach (string line in new[] { string.Concat(Enumerable.Repeat("*a", 200)), string.Concat(Enumerable.Repeat("**/", 100)) + "b", string.Concat(Enumerable.Repeat("[a-z]*", 200)), "(a+)+$" })
            await Task.Run(() => IgnorePattern.Parse(line)?.Matches(new string('a', 20_000) + "!", isFolder: false)).WaitAsync(Hang);
    }
}
