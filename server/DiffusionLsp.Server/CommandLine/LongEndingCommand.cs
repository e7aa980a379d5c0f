using System.CommandLine;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>A verb that takes a while to end when the process is asked to.</summary>
internal sealed class LongEndingCommand(string name, string description, TimeSpan patience) : Command(name, description)
{
    /// <summary>After which it is ended all the same.</summary>
    public TimeSpan Patience => patience;
}
