namespace DiffusionLsp.Server.CommandLine;

/// <summary>One line of progress on standard error; nothing if that is not a terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int Width = 60;
    private int last = -1;

    public void Show(double share, string what)
    {
        int permille = (int)(share * 1000);
        if (Console.IsErrorRedirected || permille == last) return;
        last = permille;
        Console.Error.Write('\r' + FormattableString.Invariant($"{permille / 10.0:0.0} % {what}").PadRight(Width));
    }

    public void Clear()
    {
        if (last >= 0) Console.Error.Write('\r' + new string(' ', Width) + '\r');
        last = -1;
    }

    public void Dispose() => Clear();
}
