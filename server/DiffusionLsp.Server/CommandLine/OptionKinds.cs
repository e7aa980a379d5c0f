using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Options with ranges and choices, and errors that a person can read. It knows no option by name.</summary>
internal static class OptionKinds
{
    public static Option<int?> Integer(string name, string description, int least, int most) =>
        Parsed<int?>(name, description, "N", $"a whole number from {least} to {most}", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number : null);

    public static Option<double?> Number(string name, string description, double least, double most) =>
        Parsed<double?>(name, description, "X", $"a number from {least} to {most}", text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most ? number : null);

    public static Option<string?> Choice(string name, string description, params string[] choices) =>
        Parsed<string?>(name, description, string.Join('|', choices), "one of " + string.Join(", ", choices), text =>
            choices.Contains(text) ? text : null);

    public static Option<string?> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>A file or folder; <c>~</c> is the home folder, also where the shell leaves it as it is, as in <c>--model=~/x</c>.</summary>
    public static Option<string?> Path(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => UserPath.Expand(result.Tokens[^1].Value),
    };

    /// <summary>The same without a name.</summary>
    public static Argument<string> PathArgument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => UserPath.Expand(result.Tokens[^1].Value),
    };

    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    private static Option<T?> Parsed<T>(string name, string description, string helpName, string accepts, Func<string, T?> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            T? value = parse(text);
            if (value is null) result.AddError($"{name} must be {accepts}, not '{text}'");
            return value;
        },
    };
}
