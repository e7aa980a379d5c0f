using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DiffusionLsp.Server.Serve;

/// <summary>Runs Kestrel with this server's limits, from start-up to the last answer. It knows no path.</summary>
internal static class ServeApp
{
    public const int MostBodyBytes = 4 << 20;
    // Kestrel reads and discards this much of a rejected body: a client that is still sending when the connection closes would not see the response.
    private const long MostDroppedBytes = 64 << 20;
    private const int MostConnections = 256, MostStreams = 64, MostHeaders = 64, MostHeaderBytes = 16 << 10;
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30); // for running requests when the server ends

    /// <summary>Listens until <paramref name="interruption"/>, then drains.</summary>
    /// <param name="listening">Called with the addresses once connections are accepted.</param>
    /// <exception cref="UserException">The address is in use, or the certificate is invalid.</exception>
    public static async Task RunAsync(ServeOptions options, ServeEndpoints endpoints, Action<ListeningAddresses> listening, CancellationToken interruption)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LastPatience);
        X509Certificate2? certificate = Certificate(options);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel);
            kestrel.Listen(options.Listen, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
            if (options.MetricsListen is { } metrics) kestrel.Listen(metrics, MarkForMetrics);
        });
        await using WebApplication app = builder.Build();
        app.Run(endpoints.AnswerAsync);
        try
        {
            await app.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            string wanted = options.MetricsListen is { } other ? $"{options.Listen} and {other}" : $"{options.Listen}";
            throw new UserException($"The server cannot listen on {wanted} ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); choose another address with --listen{(options.MetricsListen is null ? "" : " or --metrics-listen")}.");
        }
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        listening(new ListeningAddresses(addresses[0], addresses.ElementAtOrDefault(1)));
        await UntilAsync(interruption).ConfigureAwait(false);
        endpoints.IsDraining = true;
        await Task.Delay(options.DrainDelay, CancellationToken.None).ConfigureAwait(false);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static void MarkForMetrics(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(MetricsConnection.Instance);
        return next(connection);
    });

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = MostDroppedBytes;
        limits.MaxConcurrentConnections = MostConnections;
        limits.Http2.MaxStreamsPerConnection = MostStreams;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
    }

    private static X509Certificate2? Certificate(ServeOptions options)
    {
        if (options.Certificate is not { } file) return null;
        try
        {
            return X509Certificate2.CreateFromPemFile(file, options.CertificateKey);
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserException($"The certificate '{file}' cannot be used ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); name PEM files with --tls-cert and --tls-key.");
        }
    }

    private static async Task UntilAsync(CancellationToken interruption)
    {
        var asked = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = interruption.Register(asked.SetResult);
        await asked.Task.ConfigureAwait(false);
    }
}

/// <summary>The addresses at which the server is reached.</summary>
/// <param name="Metrics">The address that serves only the metrics; null: none.</param>
internal sealed record ListeningAddresses(string Main, string? Metrics);
