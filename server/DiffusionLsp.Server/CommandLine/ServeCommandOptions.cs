using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The options of <c>serve</c> for access and limits.</summary>
internal sealed class ServeCommandOptions
{
    private const string KeysVariable = "DIFFUSION_LSP_KEYS";

    private readonly Option<string?> listen = OptionKinds.Text("--listen", $"Address to listen on; port 0: any. Without it, 127.0.0.1:{ServeOptions.DefaultPort}.", "ADDRESS:PORT");
    private readonly Option<string?> keys = OptionKinds.Path("--keys", $"File with one 'NAME KEY' per line; without it, the variable {KeysVariable}. Required on addresses other than loopback.", "FILE");
    private readonly Option<string?> certificate = OptionKinds.Path("--tls-cert", "Certificate in PEM. Required on addresses other than loopback, unless --behind-proxy is given.", "FILE");
    private readonly Option<string?> certificateKey = OptionKinds.Path("--tls-key", "The certificate's private key in PEM, if it is in a separate file.", "FILE");
    private readonly Option<bool> behindProxy = OptionKinds.Switch("--behind-proxy", "A reverse proxy terminates TLS.");
    private readonly Option<string[]> hosts = new("--host") { Description = "Host name that clients may use for the server; may be repeated.", HelpName = "NAME" };
    private readonly Option<string[]> origins = new("--origin") { Description = "Web origin whose pages may send requests; may be repeated.", HelpName = "ADDRESS" };
    private readonly Option<int?> waiting = OptionKinds.Integer("--max-waiting", "Maximum number of waiting requests.", 1, 4096);
    private readonly Option<int?> perSession = OptionKinds.Integer("--max-waiting-per-session", "Maximum number of waiting requests per session.", 1, 64);
    private readonly Option<int?> rate = OptionKinds.Integer("--rate", "Maximum requests per second per client.", 1, 1_000_000);
    private readonly Option<int?> drain = OptionKinds.Integer("--drain-delay", "Seconds between SIGTERM and the end of listening, during which /health returns 503.", 0, 60);

    private readonly Option<string?> metrics = OptionKinds.Text("--metrics-listen", "Second address that serves only /metrics, without a key.", "ADDRESS:PORT");
    private readonly Option<bool> vllm = OptionKinds.Switch("--vllm-metrics", "Also export the load under vLLM's metric names, for routers that know only those.");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { listen, keys, certificate, certificateKey, behindProxy, hosts, origins, waiting, perSession, rate, drain, metrics, vllm }) command.Add(option);
    }

    /// <exception cref="UserException">An address or a file is invalid.</exception>
    public ServeOptions Read(ParseResult parsed, int contextTokens)
    {
        var defaults = new ServeOptions();
        return new ServeOptions
        {
            Listen = parsed.GetValue(listen) is { } address ? Address(address) : defaults.Listen,
            MetricsListen = parsed.GetValue(metrics) is { } other ? Address(other) : null,
            HasVllmMetrics = parsed.GetValue(vllm),
            Keys = Keys(parsed.GetValue(keys)),
            Certificate = Encrypted(parsed.GetValue(certificate), "A certificate"),
            CertificateKey = parsed.GetValue(certificateKey),
            IsBehindProxy = parsed.GetValue(behindProxy),
            Hosts = parsed.GetValue(hosts) ?? [],
            Origins = parsed.GetValue(origins) ?? [],
            Limits = new ServeLimits(parsed.GetValue(waiting) ?? defaults.Limits.MostWaiting, parsed.GetValue(perSession) ?? defaults.Limits.MostWaitingPerSession, contextTokens),
            Rate = parsed.GetValue(rate) ?? defaults.Rate,
            DrainDelay = TimeSpan.FromSeconds(parsed.GetValue(drain) ?? defaults.DrainDelay.TotalSeconds),
        };
    }

    private static IPEndPoint Address(string text) => IPEndPoint.TryParse(text, out IPEndPoint? address) && text.Contains(':')
        ? address
        : throw new UserException($"'{text}' is not an address to listen on; write one such as 127.0.0.1:{ServeOptions.DefaultPort} or [::1]:{ServeOptions.DefaultPort}.");

    private static ApiKeys Keys(string? file)
    {
        string? text = file is null ? Environment.GetEnvironmentVariable(KeysVariable) : File.Exists(file) ? File.ReadAllText(file) : throw new UserException($"There is no file '{file}'.");
        return string.IsNullOrEmpty(text) && file is null ? ApiKeys.None : ApiKeys.Parse(Encrypted(text!, "A key"));
    }

    /// <summary>A value, if this system supports what it is for.</summary>
    private static T Encrypted<T>(T value, string what) => value is not null && OpenSsl.Problem(what) is { } problem ? throw new UserException(problem) : value;
}
