using System.CommandLine;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Downloads;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>libtorch</c>: prints which libtorch is used, and downloads one for packages that do not include it.</summary>
internal static class LibtorchVerb
{
    public static Command Create() => new("libtorch", "Find or download libtorch, which larger models and GPUs need; the embedded model on a CPU does not.") { Which(), Fetch() };

    private static Command Which()
    {
        var named = OptionKinds.Path("--libtorch", "Folder to search, such as a Python environment.", "DIR");
        var command = new Command("which", "Print which libtorch would be loaded.") { named };
        command.SetAction(parsed =>
        {
            Console.WriteLine(NativeBackend.Find(parsed.GetValue(named)) is { } place ? $"{place.Folder} ({place.Origin})" : throw new UserException($"libtorch was not found; {LibtorchPackage.Cure}."));
            return 0;
        });
        return command;
    }

    private static Command Fetch()
    {
        var source = OptionKinds.Text("--source", "Service index of a NuGet feed; without it, those of your NuGet configuration.", "URL");
        var command = new Command("fetch", "Download libtorch for the CPU from NuGet into the cache folder; an interrupted download is resumed.") { source };
        command.SetAction(async (parsed, cancellation) =>
        {
            LibtorchPackage package = LibtorchPackage.Here
                ?? throw new UserException($"There is no package of libtorch for {LibtorchPackage.ThisPlatform}; there are packages for {string.Join(", ", LibtorchPackage.All.Select(p => p.Platform))}.");
            if (OpenSsl.Problem("A download") is { } problem) throw new UserException(problem);
            IReadOnlyList<NugetSource> sources = parsed.GetValue(source) is { } named ? [new NugetSource(Address(named))] : NugetSources.OfUser();
            using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.UserAgent.ParseAdd($"diffusion-lsp/{ServerVersion.Text}");
            using var terminal = new ProgressLine();
            (string folder, long fetched) = await new LibtorchDownload(http, package, LibtorchPackage.Root, Patience.Usual, TimeSpan.FromSeconds(1))
                .RunAsync(sources, (done, all) => terminal.Show((double)done / Math.Max(1, all), FormattableString.Invariant($"of {all / 1e6:0} MB")), cancellation).ConfigureAwait(false);
            terminal.Clear();
            string came = fetched == 0 ? "nothing had to be downloaded" : FormattableString.Invariant($"{fetched / 1e6:0} MB downloaded");
            Console.WriteLine($"libtorch {LibtorchPackage.Version} for the CPU is in {folder} ({came}, checksums verified); it is used from the next start on.");
            return 0;
        });
        return command;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
        ? address
        : throw new UserException($"'{text}' is not the address of a feed, which begins with https:// and usually ends with /index.json.");
}
