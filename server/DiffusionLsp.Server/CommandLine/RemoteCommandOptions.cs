using System.CommandLine;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The settings of a remote engine as options: remoteUrl becomes --remote-url.</summary>
internal sealed class RemoteCommandOptions
{
    private readonly IReadOnlyList<(Setting Setting, Option<object?> Option)> rows =
        [.. ServerSettings.All.Where(setting => setting.Name.StartsWith("remote", StringComparison.Ordinal)).Select(setting => (setting, OptionKinds.Of(setting)))];

    public RemoteCommandOptions AddTo(Command command)
    {
        foreach ((_, Option<object?> option) in rows) command.Add(option);
        return this;
    }

    public RemoteOptions Read(ParseResult parsed) =>
        rows.Aggregate(new ServerSettings(), (settings, row) => parsed.GetValue(row.Option) is { } value ? row.Setting.Set(settings, value) : settings).Remote;
}
