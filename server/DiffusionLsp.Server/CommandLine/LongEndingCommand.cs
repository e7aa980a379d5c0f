using System.CommandLine;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>A subcommand that takes a while to stop when the process is asked to end.</summary>
internal sealed class LongEndingCommand(string name, string description, TimeSpan patience) : Command(name, description)
{
    /// <summary>Time after which it is ended anyway.</summary>
    public TimeSpan Patience => patience;
}
