using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// A batch's numbers on a device. They travel together, and to a GPU from pinned memory, so that the host goes on while they do: from pageable memory each copy
/// would wait until the GPU has nothing left to do.
/// </summary>
internal sealed class BatchTensors
{
    public BatchTensors(TrainingBatch batch, Device device)
    {
        long[] starts = batch.BlockStarts ?? [];
        var numbers = On(device, tensor([.. batch.Ids, .. batch.Positions, .. starts, .. batch.ScoredRows, .. batch.Labels]));
        Tensor[] parts = numbers.split([batch.Ids.Length, batch.Positions.Length, starts.Length, batch.ScoredRows.Length, batch.Labels.Length]);
        Ids = parts[0].view(batch.Rows, -1);
        (Positions, BlockStarts, ScoredRows, Labels) = (parts[1], batch.BlockStarts is null ? null : parts[2], parts[3], parts[4]);
        Weights = On(device, tensor(batch.Weights));
    }

    /// <summary>(B, T + noised) int64</summary>
    public Tensor Ids { get; }

    /// <summary>(T + noised) int64</summary>
    public Tensor Positions { get; }

    /// <summary>(noised) int64; null for bidirectional models.</summary>
    public Tensor? BlockStarts { get; }

    /// <summary>(N) int64</summary>
    public Tensor ScoredRows { get; }

    /// <summary>(N) int64</summary>
    public Tensor Labels { get; }

    /// <summary>(N) float32</summary>
    public Tensor Weights { get; }

    private static Tensor On(Device device, Tensor host) => device.type is DeviceType.CPU ? host : host.pin_memory().to(device, non_blocking: true);
}
