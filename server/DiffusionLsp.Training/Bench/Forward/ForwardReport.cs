namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>Results of <c>bench forward</c>. It measures nothing and prints nothing.</summary>
/// <param name="Reason">Why this device.</param>
/// <param name="GigabytesPerSecond">Memory bandwidth of the device, read and written, measured by copying.</param>
/// <param name="NanosecondsPerLaunch">Of the smallest operation, launched one after another.</param>
internal sealed record ForwardReport(string Device, string DataType, string Reason, double GigabytesPerSecond, double NanosecondsPerLaunch, IReadOnlyList<ShapeReport> Shapes);

/// <summary>Results for one shape.</summary>
/// <param name="BytesRead">Weights that every forward reads.</param>
/// <param name="Error">Largest difference from the CPU's scores, relative to the largest score.</param>
/// <param name="Agreement">Share of rows with the same top token as on the CPU.</param>
/// <param name="WarmUps">Forwards before those that were timed.</param>
/// <param name="Repeats">Timed forwards for each number of rows.</param>
internal sealed record ShapeReport(string Name, long Parameters, long BytesRead, double Error, double Agreement, int WarmUps, int Repeats,
    IReadOnlyList<ProductReport> Products, IReadOnlyList<RowsReport> Rows)
{
    /// <summary>Milliseconds to read the weights once.</summary>
    public double FloorMilliseconds(double gigabytesPerSecond) => BytesRead / gigabytesPerSecond / 1e6;
}

/// <summary>Whole forwards of one number of rows: milliseconds at the 10th, 50th and 90th percentile.</summary>
internal sealed record RowsReport(int Rows, double P10, double P50, double P90)
{
    public static RowsReport Of(int rows, IReadOnlyList<double> milliseconds) =>
        new(rows, Percentiles.Of(milliseconds, 0.1), Percentiles.Of(milliseconds, 0.5), Percentiles.Of(milliseconds, 0.9));
}

/// <summary>One product, rows times a matrix.</summary>
/// <param name="Outputs">Rows of the matrix.</param>
/// <param name="Inputs">Columns of the matrix.</param>
/// <param name="ElementBytes">Bytes of one element.</param>
internal sealed record ProductReport(string Name, long Outputs, long Inputs, int ElementBytes, IReadOnlyList<ProductTime> Times)
{
    /// <summary>Bytes of the matrix.</summary>
    public long WeightBytes => Outputs * Inputs * ElementBytes;

    /// <summary>Bandwidth reached in GB/s: the matrix and the rows that go in are read, those that come out written.</summary>
    public double GigabytesPerSecond(ProductTime time) => (WeightBytes + time.Rows * (Inputs + Outputs) * ElementBytes) / time.Microseconds / 1e3;
}

/// <summary>Median time of one product.</summary>
internal sealed record ProductTime(int Rows, double Microseconds);
