using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>The options of <c>serve</c> that say who reaches it and how much it takes.</summary>
internal sealed class ServeCommandOptions
{
    private const string KeysVariable = "DIFFUSION_LSP_KEYS";

    private readonly Option<string?> listen = OptionKinds.Text("--listen", $"Address to listen on; port 0: any. Without it, 127.0.0.1:{ServeOptions.DefaultPort}.", "ADDRESS:PORT");
    private readonly Option<string?> keys = OptionKinds.Path("--keys", $"File with one 'NAME KEY' a line; else the variable {KeysVariable}. Needed off the loopback.", "FILE");
    private readonly Option<string?> certificate = OptionKinds.Path("--tls-cert", "Certificate in PEM. Needed off the loopback, or --behind-proxy.", "FILE");
    private readonly Option<string?> certificateKey = OptionKinds.Path("--tls-key", "The certificate's private key in PEM, where it is in a file of its own.", "FILE");
    private readonly Option<bool> behindProxy = OptionKinds.Switch("--behind-proxy", "A proxy in front has the TLS.");
    private readonly Option<string[]> hosts = new("--host") { Description = "Name by which clients may call the server; may be repeated.", HelpName = "NAME" };
    private readonly Option<string[]> origins = new("--origin") { Description = "Web page that may ask, as its header Origin says; may be repeated.", HelpName = "ADDRESS" };
    private readonly Option<int?> waiting = OptionKinds.Integer("--max-waiting", "Requests that may wait.", 1, 4096);
    private readonly Option<int?> perSession = OptionKinds.Integer("--max-waiting-per-session", "Requests of one session that may wait while another of its requests is decoded.", 1, 64);
    private readonly Option<int?> rate = OptionKinds.Integer("--rate", "Requests a second that one client may make.", 1, 1_000_000);
    private readonly Option<int?> drain = OptionKinds.Integer("--drain-delay", "Seconds from SIGTERM, while /health says 503, until it stops listening.", 0, 60);

    private readonly Option<string?> metrics = OptionKinds.Text("--metrics-listen", "Second address, where /metrics needs no key and nothing else is.", "ADDRESS:PORT");
    private readonly Option<bool> vllm = OptionKinds.Switch("--vllm-metrics", "Write the load also under vLLM's names, for routers that know only those.");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { listen, keys, certificate, certificateKey, behindProxy, hosts, origins, waiting, perSession, rate, drain, metrics, vllm }) command.Add(option);
    }

    /// <exception cref="UserException">An address or a file is none.</exception>
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
        : throw new UserException($"'{text}' is no address to listen on; write one like 127.0.0.1:{ServeOptions.DefaultPort} or [::1]:{ServeOptions.DefaultPort}.");

    private static ApiKeys Keys(string? file)
    {
        string? text = file is null ? Environment.GetEnvironmentVariable(KeysVariable) : File.Exists(file) ? File.ReadAllText(file) : throw new UserException($"There is no file '{file}'.");
        return string.IsNullOrEmpty(text) && file is null ? ApiKeys.None : ApiKeys.Parse(Encrypted(text!, "A key"));
    }

    /// <summary>A value, if what it is for can be done on this system.</summary>
    private static T Encrypted<T>(T value, string what) => value is not null && OpenSsl.Problem(what) is { } problem ? throw new UserException(problem) : value;
}
