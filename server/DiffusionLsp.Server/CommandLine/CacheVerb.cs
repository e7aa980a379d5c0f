using System.CommandLine;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>cache</c>: lists the folders that DiffusionLsp writes to, and clears those whose contents can be recreated.</summary>
internal static class CacheVerb
{
    public static Command Create() => new("cache", "List the files that DiffusionLsp stores on this disk, or remove them.") { List(), Clear() };

    private static Command List()
    {
        var command = new Command("list", "List the folders and their sizes.");
        command.SetAction(_ =>
        {
            foreach (OwnFolder folder in OwnFolder.All) Row(folder);
            return 0;
        });
        return command;
    }

    private static Command Clear()
    {
        var dry = OptionKinds.Switch("--dry-run", "Only print what would be removed.");
        var all = OptionKinds.Switch("--all", "Also remove what cannot be recreated: metrics, and what was learned from your use.");
        var only = OptionKinds.Choice("--only", "Only this folder.", [.. OwnFolder.All.Select(folder => folder.Name)]);
        var command = new Command("clear", "Remove what can be recreated: downloaded libtorch and models, private copies of libraries, logs.") { dry, all, only };
        command.SetAction(parsed =>
        {
            OwnFolder[] folders = [.. OwnFolder.All.Where(folder => parsed.GetValue(only) is { } name ? folder.Name == name : folder.IsCache || parsed.GetValue(all))];
            if (folders.FirstOrDefault(folder => !folder.IsCache) is { } dear && !parsed.GetValue(all))
                throw new UserException($"The contents of {dear.Path} cannot be recreated; add --all to remove them.");
            bool isDry = parsed.GetValue(dry);
            Console.WriteLine(isDry ? "Would be removed:" : "Removing:");
            long bytes = folders.Sum(folder => folder.Bytes());
            foreach (OwnFolder folder in folders) Row(folder);
            if (!isDry) foreach (OwnFolder folder in folders) folder.Remove();
            if (!isDry) RemoveEmpty(CacheFolders.Root);
            Console.WriteLine(isDry ? $"Nothing was removed; without --dry-run this would free {OwnFolder.Megabytes(bytes)}." : $"Freed {OwnFolder.Megabytes(bytes)}.");
            return 0;
        });
        return command;
    }

    private static void Row(OwnFolder folder) => Console.WriteLine($"{folder.Name,-10} {OwnFolder.Megabytes(folder.Bytes()),12}  {folder.Path}");

    private static void RemoveEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }
}
