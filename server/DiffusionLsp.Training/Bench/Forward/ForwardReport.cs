using System.Globalization;
using System.Text;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>Results of <c>bench forward</c>, and their table.</summary>
/// <param name="GigabytesPerSecond">Memory bandwidth of the device, measured by copying.</param>
internal sealed record ForwardReport(string Device, string DataType, string Reason, double GigabytesPerSecond, IReadOnlyList<ShapeReport> Shapes)
{
    public string Table()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{Device} ({Reason}), {DataType}, {GigabytesPerSecond:0} GB/s when copying");
        table.AppendLine("| shape | parameters | memory floor | rows | forward | × floor |\n|---|---|---|---|---|---|".ReplaceLineEndings());
        foreach (ShapeReport shape in Shapes)
            foreach (RowsReport rows in shape.Rows)
                table.AppendLine(CultureInfo.InvariantCulture, $"| {shape.Name} | {shape.Parameters / 1e6:#,0} M | {shape.FloorMilliseconds:0.00} ms | {rows.Rows} | {rows.Milliseconds:0.00} ms | {rows.Milliseconds / shape.FloorMilliseconds:0.0} |");
        string other = Device == "cpu" ? "bfloat16 on this CPU (no GPU to compare)" : $"{DataType} on {Device}";
        foreach (ShapeReport shape in Shapes)
            table.AppendLine(CultureInfo.InvariantCulture, $"{shape.Name}: {other} against float32 on the CPU: largest error {shape.Error:0.0000} of the largest score, same best token in {shape.Agreement:0.0 %} of rows");
        return table.ToString();
    }
}

/// <summary>Results for one shape.</summary>
/// <param name="BytesRead">Weights that every forward reads.</param>
/// <param name="FloorMilliseconds">Time to read them once at that bandwidth.</param>
/// <param name="Error">Largest difference from the CPU's scores, relative to the largest score.</param>
/// <param name="Agreement">Share of rows with the same top token as on the CPU.</param>
internal sealed record ShapeReport(string Name, long Parameters, long BytesRead, double FloorMilliseconds, double Error, double Agreement, IReadOnlyList<RowsReport> Rows);

/// <summary>Results for one number of rows.</summary>
internal sealed record RowsReport(int Rows, double Milliseconds);
