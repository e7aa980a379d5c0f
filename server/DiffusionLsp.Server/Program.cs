using System.CommandLine;
using DiffusionLsp.Server.CommandLine;

OpenFiles.Require();
ProcessEnd.Now(await RunAsync(args).ConfigureAwait(false));

// Apart from the check, which must not need a library.
static Task<int> RunAsync(string[] args)
{
    // The table of verbs. Each verb is one file in CommandLine/.
    var root = new RootCommand("DiffusionLsp: a language server around a diffusion code model.")
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
