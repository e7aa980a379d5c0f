using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Standard input or output without switching threads: input is handled by the thread that waited for it, and an answer that fits into
/// the pipe is written by the thread that has it. Only a write that would block moves to another thread, because a client may fill its
/// own pipe before it reads. It knows nothing of messages.
/// </summary>
/// <param name="inner">Reads, and writes if there is no descriptor.</param>
/// <param name="descriptor">
/// Written to directly; open for the life of the process. <paramref name="inner"/> is not used for writing, because .NET's console has one
/// lock for all its streams, so that a client that does not read standard error would get no answers, and does not report a closed pipe.
/// </param>
internal sealed class StandardStream(Stream inner, int? descriptor = null) : Stream
{
    private const int Interrupted = 4; // EINTR
    private static readonly int TryAgain = OperatingSystem.IsMacOS() ? 35 : 11; // EAGAIN

    // When poll reports "writable", a pipe accepts this many bytes without blocking (PIPE_BUF), and a socket accepts more.
    private static readonly int TakenAtOnce = OperatingSystem.IsLinux() ? 4096 : 512;
    private static readonly int LookAfter = 100; // milliseconds between checks whether the write was cancelled

    private volatile bool isDisposed;

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    /// <summary>Blocks the calling thread; the console's own stream would block another one for as long.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(inner.Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (descriptor is { } output) Write(output, buffer, CancellationToken.None);
        else inner.Write(buffer);
    }

    /// <exception cref="IOException">The other end is closed.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (descriptor is not { } output) return inner.WriteAsync(buffer, cancellationToken);
        if (buffer.Length > TakenAtOnce || !IsWritable(output, milliseconds: 0)) return new ValueTask(Task.Run(() => Write(output, buffer.Span, cancellationToken), cancellationToken));
        Write(output, buffer.Span, cancellationToken);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
        if (descriptor is null) inner.Flush();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => descriptor is null ? inner.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Completes when the other end of the output is closed. Costs a thread that sleeps in the kernel.</summary>
    public Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (descriptor is not { } output) return closed.Task;
        var thread = new Thread(() =>
        {
            PosixPoll.Wait(output, events: 0, milliseconds: -1); // errors are always reported
            closed.SetResult();
        }, maxStackSize: 1 << 18)
        { IsBackground = true, Name = "output watch" };
        thread.Start();
        return closed.Task;
    }

    protected override void Dispose(bool disposing)
    {
        isDisposed = true;
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Writes in pieces, each when the pipe accepts it, so that a cancelled write does not hold its thread.</summary>
    private void Write(int output, ReadOnlySpan<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
        {
            bool isTaken;
            do
            {
                isTaken = IsWritable(output, LookAfter);
                cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(isDisposed, this);
            }
            while (!isTaken);
            nint written = WriteTo(output, in MemoryMarshal.GetReference(bytes), Math.Min(bytes.Length, TakenAtOnce));
            if (written >= 0) bytes = bytes[(int)written..];
            else if (Marshal.GetLastPInvokeError() is var error && error != Interrupted && error != TryAgain) throw new IOException($"The output cannot be written (errno {error}).");
        }
    }

    private static bool IsWritable(int output, int milliseconds)
    {
        short happened = PosixPoll.Wait(output, PosixPoll.Writable, milliseconds);
        return (happened & ~PosixPoll.Writable) == 0 ? happened != 0 : throw new IOException("The client has closed the output.");
    }

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint WriteTo(int descriptor, in byte bytes, nint count);
}
