using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Options with ranges and choices, and readable errors. It knows no option by name.</summary>
internal static class OptionKinds
{
    public static Option<int?> Integer(string name, string description, int least, int most) => Of<int?>(name, description, new IntKind(least, most));

    public static Option<string?> Choice(string name, string description, params string[] choices) => Of<string?>(name, description, new NameKind(choices));

    /// <summary>A file or folder; <c>~</c> is the home folder, even where the shell does not expand it, as in <c>--model=~/x</c>.</summary>
    public static Option<string?> Path(string name, string description, string helpName) => Of<string?>(name, description, new PathKind(helpName));

    /// <summary>The option for a decoding knob.</summary>
    public static Option<object?> Of(Knob knob)
    {
        Option<object?> option = Of<object?>(knob.Option, knob.Description, knob.Kind);
        if (knob.FormerOption is { } former) option.Aliases.Add(former);
        return option;
    }

    /// <summary>The option for a setting: remoteUrl becomes --remote-url.</summary>
    public static Option<object?> Of(Setting setting) =>
        Of<object?>("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(setting.Name), setting.Description, setting.Kind);

    public static Option<string?> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>A positional file or folder.</summary>
    public static Argument<string> PathArgument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => UserPath.Expand(result.Tokens[^1].Value),
    };

    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    private static Option<T> Of<T>(string name, string description, ValueKind kind) => new(name)
    {
        Description = description,
        HelpName = kind.Placeholder,
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            object? value = kind.Read(text);
            if (value is null) result.AddError(kind.Refusal(name, $"'{text}'"));
            return (T)value!;
        },
    };
}
