using System.ComponentModel;
using System.Diagnostics;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>Compresses and decompresses with the program <c>xz</c>. It does not interpret the bytes.</summary>
internal static class Xz
{
    /// <summary>Starts the program.</summary>
    /// <exception cref="EngineException">It is not installed.</exception>
    public static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new EngineException($"The program '{program}', which packs and unpacks the corpus, cannot be started ({e.Message.TrimEnd('.')}); install XZ Utils (Debian: xz-utils).", e);
        }
    }
}

/// <summary>A file that is compressed while it is written.</summary>
internal sealed class XzWriter : IDisposable
{
    private readonly Process process;
    private readonly FileStream file;
    private readonly Task copy;
    private readonly Task<string> errors;
    private long written;

    /// <param name="level">0 (fast) to 9 (small; takes 700 MB of memory).</param>
    public XzWriter(string path, int level, string program = "xz")
    {
        process = Xz.Start(program, "-c", "-T1", $"-{level}");
        file = File.Create(path);
        errors = process.StandardError.ReadToEndAsync();
        copy = Task.Run(() =>
        {
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0; Interlocked.Add(ref written, read)) file.Write(buffer, 0, read);
        });
    }

    /// <summary>Compressed bytes so far; the program writes in pieces of up to 64 KiB.</summary>
    public long Written => Interlocked.Read(ref written);

    /// <summary>Bytes given since the last piece was seen.</summary>
    public long Pending { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        long before = Written;
        process.StandardInput.BaseStream.Write(bytes);
        Pending = Written > before ? bytes.Length : Pending + bytes.Length;
    }

    /// <summary>Writes the rest.</summary>
    /// <exception cref="EngineException">The program failed.</exception>
    public void Finish()
    {
        process.StandardInput.Close();
        copy.GetAwaiter().GetResult();
        process.WaitForExit();
        file.Flush(flushToDisk: true);
        if (process.ExitCode != 0) throw new EngineException($"'{file.Name}' cannot be compressed ({errors.Result.Trim().TrimEnd('.')}); check memory and disk space.");
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
        file.Dispose();
    }
}

/// <summary>A compressed file that is decompressed while it is read.</summary>
internal sealed class XzReader : IDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly string path;

    public XzReader(string path, string program = "xz")
    {
        this.path = path;
        process = Xz.Start(program, "-dc", "--", path);
        process.StandardInput.Close();
        errors = process.StandardError.ReadToEndAsync();
        Stream = new BufferedStream(process.StandardOutput.BaseStream, 1 << 18);
    }

    /// <summary>The decompressed bytes.</summary>
    public Stream Stream { get; }

    /// <summary>To be called at the end of the stream.</summary>
    /// <exception cref="EngineException">The file is damaged or not whole.</exception>
    public void Finish()
    {
        process.WaitForExit();
        if (process.ExitCode != 0) throw Damaged(errors.Result.Trim().Split('\n')[0].TrimEnd('.').Split(": ")[^1]);
    }

    /// <summary>The exception for a damaged file.</summary>
    public EngineException Damaged(string cause) => new($"'{path}' is not a whole part of a packed corpus ({cause}); copy it again.");

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
