namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Standard input or output without a change of threads: what arrives is handled by the thread that waited for it, and an
/// answer that fits into the pipe is written by the thread that has it. A write that would have to wait does so elsewhere:
/// a client may fill its own pipe before it reads. It knows nothing of messages.
/// </summary>
/// <param name="descriptor">What is written to, to ask whether it takes more; null: it cannot be asked.</param>
internal sealed class StandardStream(Stream inner, int? descriptor = null) : Stream
{
    // Where poll says "writable", a pipe takes this many bytes without waiting (PIPE_BUF), and a socket more.
    private static readonly int TakenAtOnce = OperatingSystem.IsLinux() ? 4096 : 512;

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

    /// <summary>Waits on the calling thread. The console's own stream would hold another one for as long.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(inner.Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > TakenAtOnce || !IsWritable()) return inner.WriteAsync(buffer, cancellationToken);
        inner.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private bool IsWritable() => descriptor is { } asked && PosixPoll.Wait(asked, PosixPoll.Writable, milliseconds: 0) == PosixPoll.Writable;
}
