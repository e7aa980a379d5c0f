namespace DiffusionLsp.Training.Tests;

/// <summary>Collects what a verb prints, until it is disposed. The console is one for the process, so its tests belong to the collection "console".</summary>
internal sealed class CapturedConsole : IDisposable
{
    private readonly (TextWriter Out, TextWriter Error) former = (Console.Out, Console.Error);

    public CapturedConsole()
    {
        Console.SetOut(Output);
        Console.SetError(Errors);
    }

    public StringWriter Output { get; } = new();

    public StringWriter Errors { get; } = new();

    public void Dispose()
    {
        Console.SetOut(former.Out);
        Console.SetError(former.Error);
    }
}
