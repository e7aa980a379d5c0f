using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// The two streams to an editor, however they are made. Whichever it is, standard output belongs to the protocol or to
/// nobody. It knows nothing of messages.
/// </summary>
internal sealed class Channel : IAsyncDisposable
{
    private const int MostPipeName = 256; // on Windows, with \\.\pipe\ before it

    private Channel(Stream input, Stream output, Task? outputClosed = null)
    {
        Input = input;
        Output = output;
        OutputClosed = outputClosed ?? Task.Delay(Timeout.Infinite);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    /// <summary>Ends when the editor has closed the output. What a socket's reader notices by itself is not told here.</summary>
    public Task OutputClosed { get; }

    /// <exception cref="UserException">Nobody listens there.</exception>
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
        if (name.Length is 0 or > MostPipeName) throw new UserException($"The name of a pipe must have 1 to {MostPipeName} characters.");
        string bare = name.StartsWith(@"\\.\pipe\", StringComparison.OrdinalIgnoreCase) ? name[@"\\.\pipe\".Length..] : name;
        var stream = new NamedPipeClientStream(".", bare, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await stream.ConnectAsync(TimeSpan.FromSeconds(10), CancellationToken.None).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e) when (e is TimeoutException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Nobody listens on the named pipe '{name}'.");
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
            throw new UserException(name.Length == 0 ? "--pipe needs the name of a socket file." : $"The socket file's name has more than the {(OperatingSystem.IsLinux() ? 107 : 103)} bytes that this system allows; choose a shorter path for it.");
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
            throw new UserException($"Nobody listens on {inWords}; the editor must listen before the server starts.");
        }
    }
}
