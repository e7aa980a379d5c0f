using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Remote;

/// <summary>The address of a remote engine, validated before anything is sent. Pure.</summary>
/// <param name="Base">Its path is empty or ends with a slash.</param>
internal sealed record RemoteAddress(Uri Base)
{
    /// <summary>Host and port, for messages: no path and no key.</summary>
    public string Host => Base.Authority;

    /// <exception cref="EngineException">The address is invalid, or nothing should be sent to it.</exception>
    public static RemoteAddress Of(RemoteOptions options)
    {
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            throw new EngineException($"'{options.Url}' is not the address of an engine (setting diffusionLsp.remoteUrl); write one like https://gpu-box:8012.");
        if (uri.UserInfo.Length > 0) throw new EngineException("The setting diffusionLsp.remoteUrl contains a password; put the key into a variable or file and name it in diffusionLsp.remoteKeyVariable or diffusionLsp.remoteKeyFile.");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0) throw new EngineException("The setting diffusionLsp.remoteUrl ends with a query; leave out everything from '?' or '#' on.");
        if (uri.Scheme == "http" && !uri.IsLoopback && !options.Insecure)
            throw new EngineException($"Code would be sent unencrypted to {uri.Authority}; use https in diffusionLsp.remoteUrl, or set diffusionLsp.remoteInsecure in a network that you trust.");
        return new RemoteAddress(uri.AbsolutePath.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/"));
    }

    /// <summary>The address of an endpoint relative to the server's path: "props" of "http://h/a" is "http://h/a/props".</summary>
    public Uri At(string path) => new(Base, path);

    /// <summary>The address of an OpenAI-like endpoint: below <c>v1</c>, unless the address has a path of its own.</summary>
    public Uri AtVersioned(string path) => new(Base, Base.AbsolutePath == "/" ? "v1/" + path : path);
}
