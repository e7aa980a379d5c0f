namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Estimates what is left of a run from what each kind of work has cost so far. Numbers only.</summary>
internal sealed class TimeLeft
{
    private readonly Dictionary<string, (double Seconds, int Done, int Left)> kinds = [];

    /// <summary>There is one more piece of this kind to do.</summary>
    public void Expect(string kind)
    {
        var (seconds, done, left) = kinds.GetValueOrDefault(kind);
        kinds[kind] = (seconds, done, left + 1);
    }

    /// <summary>A piece that was expected is done.</summary>
    public void Done(string kind, double seconds)
    {
        var (sum, done, left) = kinds[kind];
        kinds[kind] = (sum + seconds, done + 1, left - 1);
    }

    /// <summary>Null until anything is done. A kind that was not seen yet is taken for an average one.</summary>
    public TimeSpan? Estimate()
    {
        double average = kinds.Values.Where(k => k.Done > 0).Select(k => k.Seconds / k.Done).DefaultIfEmpty(double.NaN).Average();
        return double.IsNaN(average) ? null : TimeSpan.FromSeconds(kinds.Values.Sum(k => k.Left * (k.Done > 0 ? k.Seconds / k.Done : average)));
    }

    /// <summary>As people say it.</summary>
    public static string Words(TimeSpan? left) => left switch
    {
        null => "",
        { TotalMinutes: < 1 } t => $"{t.TotalSeconds:F0} s left",
        { TotalHours: < 1 } t => $"{t.TotalMinutes:F0} min left",
        { } t => $"{(int)t.TotalHours} h {t.Minutes} min left",
    };
}
