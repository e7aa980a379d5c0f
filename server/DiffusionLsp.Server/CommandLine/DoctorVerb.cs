using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Remote;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>doctor</c>: checks everything that a completion needs, independently, and reports problems with their cures.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var command = new Command("doctor", "Check this installation.");
        ModelOptions models = new ModelOptions().AddTo(command);
        RemoteCommandOptions elsewhere = new RemoteCommandOptions().AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new EngineOptions
            {
                ModelFolder = models.Model(parsed), Device = models.Device(parsed) ?? "auto", Threads = models.Threads(parsed) ?? 0, PromptTokens = models.Prompt(parsed) ?? 0, LibtorchFolder = models.Libtorch(parsed), CudaGraphs = models.CudaGraphs(parsed),
            };
            var engine = new Lazy<ICompletionEngine>(() => InfillEngineAdapter.Load(options));
            RemoteOptions remote = elsewhere.Read(parsed);
            var remoteEngine = new Lazy<RemoteEngine?>(() => remote.IsOn ? new RemoteEngine(remote) : null);
            var patient = new DoctorPatient(options, () => engine.Value, () => remoteEngine.Value);
            int problems = 0;
            foreach (DoctorCheck check in DoctorChecks.All)
            {
                Finding finding = await Task.Run(() => check.Run(patient), cancellation).ConfigureAwait(false);
                if (!finding.IsGood) problems++;
                Console.WriteLine(Line(check, finding));
            }
            Console.WriteLine(Verdict(problems));
            if (engine.IsValueCreated) engine.Value.Dispose();
            if (remoteEngine.IsValueCreated) remoteEngine.Value?.Dispose();
            return problems == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>The same checks for a language server, with the engine that it runs; it loads none.</summary>
    public static (bool Healthy, string Report) Diagnose(EngineOptions options, ICompletionEngine? engine)
    {
        var elsewhere = engine as FallbackEngine;
        ICompletionEngine? local = elsewhere is null ? engine : elsewhere.Local;
        var patient = new DoctorPatient(options, () => local ?? throw new UserException("No model is loaded in this server; `diffusion-lsp doctor` loads one."), () => elsewhere?.Remote)
        {
            IsLocalIdle = elsewhere is { Local: null },
            LeavesLibtorch = true,
        };
        (DoctorCheck Check, Finding Finding)[] findings = [.. DoctorChecks.All.Select(check => (check, check.Run(patient)))];
        int problems = findings.Count(f => !f.Finding.IsGood);
        return (problems == 0, string.Join('\n', [.. findings.Select(f => Line(f.Check, f.Finding)), Verdict(problems)]));
    }

    private static string Line(DoctorCheck check, Finding finding) => $"{(finding.IsGood ? "ok     " : "PROBLEM")} {check.Name,-10} {finding.Text}";

    private static string Verdict(int problems) =>
        problems == 0 ? "All checks passed." : $"{problems} of {DoctorChecks.All.Count} checks found a problem.";
}
