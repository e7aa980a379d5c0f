using System.IO.Pipes;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Tests.Protocol;

public sealed class StandardStreamTests : IDisposable
{
    private readonly AnonymousPipeServerStream pipe = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream reader;
    private readonly StandardStream stream;

    public StandardStreamTests()
    {
        reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        stream = new StandardStream(pipe, OperatingSystem.IsWindows() ? null : (int)pipe.SafePipeHandle.DangerousGetHandle());
    }

    [Fact]
    public async Task What_was_written_arrives()
    {
        ValueTask write = stream.WriteAsync("answer"u8.ToArray());
        if (!OperatingSystem.IsWindows()) Assert.True(write.IsCompletedSuccessfully); // by this thread, before it went on
        await write;
        byte[] read = new byte[6];
        await reader.ReadExactlyAsync(read);
        Assert.Equal("answer"u8.ToArray(), read);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_no_thread_that_writes()
    {
        byte[] answer = new byte[4000];
        var writes = new List<Task>();
        await Task.Run(() => // hangs if a write waits here
        {
            for (int i = 0; i < 100; i++) writes.Add(stream.WriteAsync(answer).AsTask());
        }).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains(writes, write => !write.IsCompleted);
        await reader.ReadExactlyAsync(new byte[100 * answer.Length]);
        await Task.WhenAll(writes).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [UnixFact] // Windows cannot tell whether a pipe accepts more
    public async Task A_write_that_nobody_reads_ends_when_nobody_waits_for_it()
    {
        using var cancel = new CancellationTokenSource();
        Task write = stream.WriteAsync(new byte[1 << 20], cancel.Token).AsTask();
        Assert.NotSame(write, await Task.WhenAny(write, Task.Delay(300)));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [UnixFact] // see above
    public async Task A_closed_reader_is_noticed_with_and_without_a_write()
    {
        Task closed = stream.ClosedAsync();
        await stream.WriteAsync("answer"u8.ToArray());
        Assert.False(closed.IsCompleted);
        reader.Dispose();
        await closed.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync("answer"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync(new byte[1 << 20]).AsTask());
    }

    public void Dispose()
    {
        reader.Dispose(); // a write that still waits ends here
        stream.Dispose();
    }
}
