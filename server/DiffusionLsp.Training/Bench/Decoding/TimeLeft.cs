namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Estimates the remaining time of a run from what each kind of work has taken so far. Numbers only.</summary>
internal sealed class TimeLeft
{
    private readonly Dictionary<string, (double Seconds, int Done, int Left)> kinds = [];

    /// <summary>Adds a piece of this kind to the remaining work.</summary>
    public void Expect(string kind)
    {
        var (seconds, done, left) = kinds.GetValueOrDefault(kind);
        kinds[kind] = (seconds, done, left + 1);
    }

    /// <summary>Records a finished piece.</summary>
    public void Done(string kind, double seconds)
    {
        var (sum, done, left) = kinds[kind];
        kinds[kind] = (sum + seconds, done + 1, left - 1);
    }

    /// <summary>The remaining time; null until anything has finished. Kinds not seen yet count as average.</summary>
    public TimeSpan? Estimate()
    {
        double average = kinds.Values.Where(k => k.Done > 0).Select(k => k.Seconds / k.Done).DefaultIfEmpty(double.NaN).Average();
        return double.IsNaN(average) ? null : TimeSpan.FromSeconds(kinds.Values.Sum(k => k.Left * (k.Done > 0 ? k.Seconds / k.Done : average)));
    }

    /// <summary>The remaining time in words.</summary>
    public static string Words(TimeSpan? left) => left switch
    {
        null => "",
        { TotalMinutes: < 1 } t => $"{t.TotalSeconds:F0} s left",
        { TotalHours: < 1 } t => $"{t.TotalMinutes:F0} min left",
        { } t => $"{(int)t.TotalHours} h {t.Minutes} min left",
    };
}
