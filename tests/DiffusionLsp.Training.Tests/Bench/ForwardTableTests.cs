using DiffusionLsp.Training.Bench.Forward;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary>The arithmetic of the table of <c>bench forward</c>, on recorded numbers.</summary>
public sealed class ForwardTableTests
{
    // Dream-7B's shape as it was measured on an H200; the products' times are chosen so that their bandwidths are round numbers.
    private static readonly ForwardReport Recorded = new("cuda", "bfloat16", "an NVIDIA GPU is usable", 4108, 5200,
    [
        new ShapeReport("dream-7b", 7_615_616_512, 14_131_000_000, 0.014, 0.958, 320, 100,
            [new ProductReport("o", 3584, 3584, 2, [new ProductTime(1, 12.8523), new ProductTime(128, 8)])],
            [new RowsReport(1, 18.2, 18.41, 18.9), RowsReport.Of(128, [3, 1, 2, 5, 4, 9, 8, 7, 10, 6])]),
    ]);

    [Fact]
    public void Its_head_says_what_the_machine_can_do() => Assert.Equal("cuda (an NVIDIA GPU is usable), bfloat16; 4,108 GB/s when copying; 5,200 ns per launch", Lines()[0]);

    [Fact]
    public void A_product_is_compared_with_copying()
    {
        // (3584 × 3584 + 1 × 7168) × 2 bytes in 12.8523 µs are 2,000 GB/s, 49 % of 4,108; 128 rows in 8 µs, less than two launches of 5.2 µs, are 3,441.
        Assert.Contains("| dream-7b | o | 3584 × 3584 | 2,000 (49) | 3,441 (84)* |", Lines());
        Assert.Equal(25_690_112, Recorded.Shapes[0].Products[0].WeightBytes);
    }

    [Fact]
    public void A_forward_is_compared_with_reading_the_weights_once()
    {
        Assert.Equal(3.4399, Recorded.Shapes[0].FloorMilliseconds(4108), 4);
        Assert.Contains("| dream-7b | 7,615.6 M | 3.44 ms | 1 | 18.20 | 18.41 | 18.90 | 5.4 |", Lines());
        Assert.Contains("| dream-7b | 7,615.6 M | 3.44 ms | 128 | 1.00 | 5.00 | 9.00 | 1.5 |", Lines());
    }

    [Fact]
    public void Every_row_has_as_many_cells_as_its_head()
    {
        foreach (string[] table in Tables(Lines())) Assert.Single(table.Select(line => line.Count(c => c == '|')).Distinct());
    }

    private static string[] Lines() => ForwardTable.Markdown(Recorded).Split('\n');

    private static IEnumerable<string[]> Tables(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            string[] table = [.. lines.Skip(i).TakeWhile(line => line.StartsWith('|'))];
            if (table.Length == 0) continue;
            yield return table;
            i += table.Length;
        }
    }
}
