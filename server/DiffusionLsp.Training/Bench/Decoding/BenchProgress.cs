using System.Diagnostics;
using Spectre.Console;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Shows the progress of a long run: a spinner on a terminal, an occasional line in a file. It measures nothing.</summary>
internal static class BenchProgress
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    /// <param name="work">Receives a function to call with one line of text whenever something begins.</param>
    public static void Show(Action<Action<string>> work)
    {
        if (!Console.IsErrorRedirected)
        {
            Terminal.Error.Status().Start("starting", status => work(line => status.Status(Markup.Escape(line))));
            return;
        }
        var since = new Stopwatch();
        work(line =>
        {
            if (since.IsRunning && since.Elapsed < Pause) return;
            Terminal.Note(line);
            since.Restart();
        });
    }
}
