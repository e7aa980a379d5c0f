using System.Diagnostics;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>Times work on a device that runs behind the host: a pass launches as much as it likes, and the clock waits once at its end.</summary>
internal sealed class DeviceClock(ComputeDevice compute)
{
    private const int Fewest = 3;
    private const int Launches = 10_000;

    public ComputeDevice Compute => compute;

    /// <summary>Seconds of each pass. The first is not counted.</summary>
    /// <param name="least">Passes are repeated until this much time has passed, and at least three times.</param>
    public IReadOnlyList<double> Passes(TimeSpan least, Action pass)
    {
        var seconds = new List<double>();
        Once(pass);
        for (var all = Stopwatch.StartNew(); seconds.Count < Fewest || all.Elapsed < least;) seconds.Add(Once(pass));
        return seconds;
    }

    /// <summary>Nanoseconds per launch: additions of one number to one element in place, so small that nothing but launching takes time. Median of the passes.</summary>
    public double LaunchNanoseconds(TimeSpan least)
    {
        using var scope = NewDisposeScope();
        Tensor element = zeros([1], ScalarType.Float32, compute.Device), one = ones([1], ScalarType.Float32, compute.Device);
        return Percentiles.Of(Passes(least, () =>
        {
            for (int i = 0; i < Launches; i++) element.PlusInPlace(one);
        }), 0.5) / Launches * 1e9;
    }

    /// <summary>Memory bandwidth in bytes read and written per second, measured by copying. The best pass: it is a limit.</summary>
    public double CopyBandwidth(TimeSpan least)
    {
        using var scope = NewDisposeScope();
        long bytes = compute.IsGpu ? 2L << 30 : 64L << 20; // more than caches hold; on a CPU no more, so that some pass is not interrupted
        Tensor from = zeros([bytes], ScalarType.Byte, compute.Device), to = zeros([bytes], ScalarType.Byte, compute.Device);
        return 2 * bytes / Passes(least, () => to.copy_(from)).Min();
    }

    private double Once(Action pass)
    {
        using var scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        pass();
        if (compute.IsGpu) cuda.synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
