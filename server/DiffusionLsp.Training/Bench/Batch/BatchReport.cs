using System.Globalization;
using System.Text;

namespace DiffusionLsp.Training.Bench.Batch;

/// <summary>Results of the batch benchmark. It measures nothing.</summary>
/// <param name="Different">Requests whose text differs from the one that fewer clients got.</param>
/// <param name="Rows">The first is the one to which the others are compared.</param>
internal sealed record BatchReport(string Model, string Device, int Threads, int Different, IReadOnlyList<BatchRow> Rows)
{
    /// <summary>Completions per second divided by the first row's.</summary>
    public IReadOnlyList<double> Ratios => [.. Rows.Select(r => r.PerSecond / Rows[0].PerSecond)];

    /// <summary>Fixed-width text.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Model}, {Device}, {Threads} threads; {Different} texts differ from those with fewer clients\n");
        text.Append("clients   completions   per second    ratio   forwards for them   shared forwards   rows in each   p50 ms   p95 ms\n");
        foreach ((BatchRow r, double ratio) in Rows.Zip(Ratios))
            text.Append(CultureInfo.InvariantCulture, $"{r.Clients,7} {r.Completions,13} {r.PerSecond,12:F1} {ratio,8:F2} {r.Forwards,19} {r.SharedForwards,17} {r.RowsPerForward,14:F1} {r.P50,8:F1} {r.P95,8:F1}\n");
        return text.ToString();
    }
}

/// <summary>Results for one number of clients.</summary>
/// <param name="Forwards">Forwards that the completions needed, each counted as if it ran alone.</param>
/// <param name="SharedForwards">Forwards shared by several completions.</param>
/// <param name="RowsPerForward">Mean number of rows in a shared forward.</param>
/// <param name="P50">Median time from request to answer in milliseconds.</param>
/// <param name="P95">95th percentile of the same.</param>
internal sealed record BatchRow(int Clients, int Completions, double PerSecond, int Forwards, long SharedForwards, double RowsPerForward, double P50, double P95);
