using System.CommandLine;
using DiffusionLsp.Server.CommandLine;

OpenFiles.Require();
ProcessEnd.Now(await RunAsync(args).ConfigureAwait(false));

// Separate from the rest: this check must run without loading any library.
static Task<int> RunAsync(string[] args)
{
    // The table of subcommands. Each is one file in CommandLine/.
    var root = new RootCommand("DiffusionLsp: a language server for diffusion code models.")
    {
        LspVerb.Create(),
        CompleteVerb.Create(),
        InfillVerb.Create(),
        TraceVerb.Create(),
        DoctorVerb.Create(),
        StatsVerb.Create(),
        ServeVerb.Create(),
        ModelVerb.Create(),
        LibtorchVerb.Create(),
        CacheVerb.Create(),
    };
    return Invocation.RunAsync(root, args);
}
