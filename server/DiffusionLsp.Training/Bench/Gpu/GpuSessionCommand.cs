using System.CommandLine;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>
/// <c>bench gpu</c>: everything that a machine with a GPU is asked, in one command of about 12 minutes. Each part is a process of its own,
/// prints one line, and the next one follows whatever became of it. It measures nothing itself.
/// </summary>
internal static class GpuSessionCommand
{
    public static Command Create()
    {
        Option<string> output = new("--output") { Required = true, Description = $"Folder for {SessionRecord.FileName} (a line of JSON for each part) and {SessionRecord.TextName} (what the parts printed)." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<string[]> parts = new("--parts") { AllowMultipleArgumentsPerToken = true, Description = $"Only these of {string.Join(", ", SessionParts.Names)}. Default: all." };
        Option<string?> shards = new("--shards") { Description = "Folder made by the corpus verb; the shards for evaluation suffice. Default: a few files that come with the program." };
        Option<string?> libtorch = new("--libtorch") { Description = "Folder of libtorch. Default: the packaged one, or else the one of python3's torch." };
        Option<string?> server = new("--server") { Description = "The language server, for its doctor. Default: beside this program." };
        Option<string> commit = new("--commit") { DefaultValueFactory = _ => "unknown", Description = "Commit of this program, for the record." };
        Option<bool> quick = new("--quick") { Description = "Tiny settings, to see that it runs; no basis for claims." };
        var command = new Command("gpu", "Everything that a machine with a GPU is asked, in one go.") { output, device, parts, shards, libtorch, server, commit, quick };
        command.Validators.Add(result =>
        {
            foreach (string name in result.GetValue(parts) ?? [])
                if (!SessionParts.Names.Contains(name)) result.AddError($"There is no part '{name}'; use some of {string.Join(", ", SessionParts.Names)}.");
        });
        command.SetAction(p => Run(new SessionSettings(Path.GetFullPath(p.GetValue(output)!), SessionHead.DeviceOf(p.GetValue(device)!), p.GetValue(shards), p.GetValue(server), p.GetValue(quick)),
            p.GetValue(parts) is { Length: > 0 } some ? some : SessionParts.Names, p.GetValue(libtorch), p.GetValue(commit)!));
        return command;
    }

    /// <returns>0 if every part did what it should; 1 if one failed.</returns>
    internal static int Run(SessionSettings settings, IReadOnlyList<string> names, string? libtorch, string commit)
    {
        Directory.CreateDirectory(settings.Output);
        PythonLibtorch found = PythonLibtorch.Find(libtorch);
        using var work = new SessionFolder(settings);
        using var record = new SessionRecord(settings.Output, SessionHead.Here(commit, EmbeddedModel.FolderOr(null), found, settings));
        bool all = true;
        foreach (SessionPart part in SessionParts.Of(settings, work).Where(part => names.Contains(part.Name)))
        {
            PartResult result = SessionRunner.Run(part, found);
            record.Add(result);
            Console.Out.WriteLine(result.Summary);
            all &= result.Ok;
        }
        return all ? 0 : 1;
    }
}

/// <summary>What all parts share.</summary>
/// <param name="Output">Folder for the results.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Shards">Folder of shards; null: texts that come with the program.</param>
/// <param name="Server">The language server's executable; null: beside this program.</param>
/// <param name="Quick">Tiny settings.</param>
internal sealed record SessionSettings(string Output, string Device, string? Shards, string? Server, bool Quick);
