using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// The two streams to an editor, over any transport. In every case, standard output carries only the protocol, or nothing.
/// It knows nothing of messages.
/// </summary>
internal sealed class Channel : IAsyncDisposable
{
    private const int MostPipeName = 256; // on Windows, after \\.\pipe\

    private Channel(Stream input, Stream output, Task? outputClosed = null)
    {
        Input = input;
        Output = output;
        OutputClosed = outputClosed ?? Task.Delay(Timeout.Infinite);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    /// <summary>Completes when the editor has closed the output. A socket's reader detects that itself, so here it never completes for sockets.</summary>
    public Task OutputClosed { get; }

    /// <exception cref="UserException">No editor listens there.</exception>
    public static async Task<Channel> OpenAsync(int? port, string? pipe)
    {
        StandardStream output = ProtectedStdout.Take();
        if (port is { } number) return Both(await ConnectAsync(new IPEndPoint(IPAddress.Loopback, number), $"port {number} of 127.0.0.1").ConfigureAwait(false));
        if (pipe is not null) return Both(await PipeAsync(pipe).ConfigureAwait(false));
        return new Channel(new StandardStream(Console.OpenStandardInput()), output, output.ClosedAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Output.DisposeAsync().ConfigureAwait(false);
        if (!ReferenceEquals(Input, Output)) await Input.DisposeAsync().ConfigureAwait(false);
    }

    private static Channel Both(Stream stream) => new(stream, stream);

    private static async Task<Stream> PipeAsync(string name)
    {
        if (!OperatingSystem.IsWindows()) return await ConnectAsync(SocketFile(name), $"the socket file '{name}'").ConfigureAwait(false);
        if (name.Length is 0 or > MostPipeName) throw new UserException($"A pipe name must have 1 to {MostPipeName} characters.");
        string bare = name.StartsWith(@"\\.\pipe\", StringComparison.OrdinalIgnoreCase) ? name[@"\\.\pipe\".Length..] : name;
        var stream = new NamedPipeClientStream(".", bare, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await stream.ConnectAsync(TimeSpan.FromSeconds(10), CancellationToken.None).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e) when (e is TimeoutException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Nothing listens on the named pipe '{name}'; the editor must listen before the server starts.");
        }
    }

    private static UnixDomainSocketEndPoint SocketFile(string name)
    {
        try
        {
            return new UnixDomainSocketEndPoint(name);
        }
        catch (ArgumentException)
        {
            throw new UserException(name.Length == 0 ? "--pipe needs the path of a socket file." : $"The path of the socket file has more than the {(OperatingSystem.IsLinux() ? 107 : 103)} bytes that this system allows; choose a shorter one.");
        }
    }

    private static async Task<Stream> ConnectAsync(EndPoint where, string inWords)
    {
        var socket = new Socket(where.AddressFamily, SocketType.Stream, where is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(where).ConfigureAwait(false);
            if (where is IPEndPoint) socket.NoDelay = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw new UserException($"Nothing listens on {inWords}; the editor must listen before the server starts.");
        }
    }
}
