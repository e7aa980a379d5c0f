using System.Globalization;
using System.Text;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>Writes the results of <c>bench forward</c> as Markdown: what the machine can do, the products, whole forwards, and how scores differ. It measures nothing.</summary>
internal static class ForwardTable
{
    private const double LaunchBound = 2; // launches: a product that takes less may have waited for the host

    public static string Markdown(ForwardReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Device} ({report.Reason}), {report.DataType}; {report.GigabytesPerSecond:#,0} GB/s when copying; {report.NanosecondsPerLaunch:#,0} ns per launch\n\n");
        Products(text, report);
        Forwards(text, report);
        string other = report.Device == "cpu" ? "bfloat16 on this CPU (no GPU to compare)" : $"{report.DataType} on {report.Device}";
        foreach (ShapeReport shape in report.Shapes)
            text.Append(CultureInfo.InvariantCulture, $"{shape.Name}: {other} against float32 on the CPU: largest error {shape.Error:0.0000} of the largest score, same best token in {shape.Agreement:0.0 %} of rows\n");
        return text.ToString();
    }

    private static void Products(StringBuilder text, ForwardReport report)
    {
        int[] rows = [.. report.Shapes[0].Products[0].Times.Select(t => t.Rows)];
        text.Append("GB/s of each product by rows (% of copying; *: less time than two launches, so the host may be the limit)\n\n");
        Row(text, ["shape", "product", "matrix", .. rows.Select(r => r.ToString(CultureInfo.InvariantCulture))]);
        Row(text, ["---", "---", "---:", .. rows.Select(_ => "---:")]);
        foreach (ShapeReport shape in report.Shapes)
            foreach (ProductReport product in shape.Products)
                Row(text, [shape.Name, product.Name, string.Create(CultureInfo.InvariantCulture, $"{product.Outputs} × {product.Inputs}"), .. product.Times.Select(time => Cell(report, product, time))]);
        text.Append('\n');
    }

    private static string Cell(ForwardReport report, ProductReport product, ProductTime time)
    {
        double reached = product.GigabytesPerSecond(time);
        string mark = time.Microseconds * 1e3 < LaunchBound * report.NanosecondsPerLaunch ? "*" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{reached:#,0} ({reached / report.GigabytesPerSecond * 100:0}){mark}");
    }

    private static void Forwards(StringBuilder text, ForwardReport report)
    {
        foreach (ShapeReport shape in report.Shapes)
            text.Append(CultureInfo.InvariantCulture, $"{shape.Name}: {shape.Repeats} forwards of each number of rows, interleaved, after {shape.WarmUps} to warm up\n");
        text.Append('\n');
        Row(text, ["shape", "parameters", "memory floor", "rows", "p10 ms", "p50 ms", "p90 ms", "p50 × floor"]);
        Row(text, ["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"]);
        foreach (ShapeReport shape in report.Shapes)
        {
            double floor = shape.FloorMilliseconds(report.GigabytesPerSecond);
            foreach (RowsReport rows in shape.Rows)
                Row(text, [shape.Name, Number($"{shape.Parameters / 1e6:#,0.0} M"), Number($"{floor:0.00} ms"), Number($"{rows.Rows}"),
                    Number($"{rows.P10:0.00}"), Number($"{rows.P50:0.00}"), Number($"{rows.P90:0.00}"), Number($"{rows.P50 / floor:0.0}")]);
        }
        text.Append('\n');
    }

    private static string Number(FormattableString text) => FormattableString.Invariant(text);

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
