using System.Xml;
using System.Xml.Linq;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Downloads;

/// <summary>The package feeds in the user's NuGet configuration. It contacts none of them, and writes nothing.</summary>
/// <remarks>The library NuGet.Configuration creates the file if it is missing; reading must leave nothing behind.</remarks>
internal static class NugetSources
{
    /// <summary>The feed for users who configured none.</summary>
    public static Uri Public { get; } = new("https://api.nuget.org/v3/index.json");

    private const int MostBytes = 1 << 20;

    /// <summary>The user's feeds in order, without those that are disabled or have no valid address; the public one if there are none.</summary>
    public static IReadOnlyList<NugetSource> OfUser() => Files().FirstOrDefault(File.Exists) is { } file ? Read(file) : [new NugetSource(Public)];

    /// <summary><see cref="OfUser"/> for one configuration file.</summary>
    internal static IReadOnlyList<NugetSource> Read(string file)
    {
        try
        {
            XElement? root = XDocument.Parse(RegularFile.ReadText(file, MostBytes)).Root;
            HashSet<string?> disabled = [.. Entries(root, "disabledPackageSources").Where(entry => Value(entry) == "true").Select(Key)];
            NugetSource[] sources =
            [
                .. from entry in Entries(root, "packageSources")
                   where !disabled.Contains(Key(entry)) && Uri.TryCreate(Value(entry), UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http"
                   select new NugetSource(new Uri(Value(entry)!)) { Credentials = Credentials(root, Key(entry)) },
            ];
            return sources.Length > 0 ? sources : [new NugetSource(Public)];
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"NuGet's configuration {file} cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); correct it, or name a feed with --source.");
        }
    }

    private static (string User, string Password)? Credentials(XElement? root, string? source)
    {
        // A source's name may contain characters that an XML element's name cannot.
        XElement? entry = root?.Element("packageSourceCredentials")?.Elements().FirstOrDefault(element => XmlConvert.DecodeName(element.Name.LocalName) == source);
        string? Of(string key) => entry?.Elements("add").Where(element => Key(element) == key).Select(Value).FirstOrDefault();
        return Of("Username") is { } user && Of("ClearTextPassword") is { } password ? (user, password) : null;
    }

    /// <summary>The entries of a section after its last "clear".</summary>
    private static IEnumerable<XElement> Entries(XElement? root, string section) =>
        root?.Element(section)?.Elements().Reverse().TakeWhile(element => element.Name != "clear").Where(element => element.Name == "add").Reverse() ?? [];

    private static string? Key(XElement entry) => entry.Attribute("key")?.Value;

    private static string? Value(XElement entry) => entry.Attribute("value")?.Value is { } value ? Environment.ExpandEnvironmentVariables(value) : null;

    private static IEnumerable<string> Files() => OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "NuGet", "NuGet.Config")]
        : from folder in new[] { ".nuget", ".config" }
          from name in new[] { "NuGet.Config", "nuget.config", "NuGet.config" }
          select Path.Combine(UserPath.Home, folder, "NuGet", name);
}

/// <summary>A feed of packages.</summary>
/// <param name="Address">Its service index.</param>
internal sealed record NugetSource(Uri Address)
{
    /// <summary>The credentials; null: none.</summary>
    public (string User, string Password)? Credentials { get; init; }
}
