using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Chooses libtorch's CPU threads for one forward by the number of its rows.</summary>
internal static class ForwardThreads
{
    // Below this many rows a forward on a CPU is many tiny operators: waking a second thread for each costs more than it
    // computes (8 rows: 4.2 ms with one thread, 5.7 with two).
    private const int RowsWorthThreads = 48;

    /// <param name="threads">Threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
    public static void Choose(Transformer model, int rows, int threads)
    {
        if (threads > 1 && model.Device.type is DeviceType.CPU) set_num_threads(rows < RowsWorthThreads ? 1 : threads);
    }
}
