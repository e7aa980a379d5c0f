using System.CommandLine;
using DiffusionLsp.Server.CommandLine;

// The table of verbs. Each verb is one file in CommandLine/.
var root = new RootCommand("DiffusionLsp: a language server around a diffusion code model.")
{
    LspVerb.Create(),
    CompleteVerb.Create(),
    InfillVerb.Create(),
    TraceVerb.Create(),
    DoctorVerb.Create(),
    StatsVerb.Create(),
    ModelVerb.Create(),
};
ProcessEnd.Now(await Invocation.RunAsync(root, args).ConfigureAwait(false));
