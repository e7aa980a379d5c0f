using System.CommandLine;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>doctor</c>: looks at each thing that a completion needs, on its own, and says what is wrong and how to mend it.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var command = new Command("doctor", "Check this installation.");
        ModelOptions models = new ModelOptions().AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var patient = new DoctorPatient(models.Model(parsed), models.Device(parsed), models.Threads(parsed), models.Libtorch(parsed));
            int problems = 0;
            foreach (DoctorCheck check in DoctorChecks.All)
            {
                Finding finding = await Task.Run(() => check.Run(patient), cancellation).ConfigureAwait(false);
                if (!finding.IsGood) problems++;
                Console.WriteLine($"{(finding.IsGood ? "ok     " : "PROBLEM")} {check.Name,-10} {finding.Text}");
            }
            Console.WriteLine(problems == 0 ? "Everything that was checked works." : $"{problems} of {DoctorChecks.All.Count} checks found a problem.");
            return problems == 0 ? 0 : 1;
        });
        return command;
    }
}
