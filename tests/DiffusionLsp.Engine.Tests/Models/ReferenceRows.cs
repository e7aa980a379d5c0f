namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>Keys (not rotated) and values of a sequence, as plain lists: the expected contents of a cache.</summary>
internal sealed class ReferenceRows(int layers)
{
    private readonly List<(double[][] Key, double[][] Value)>[] rows = [.. Enumerable.Range(0, layers).Select(_ => new List<(double[][], double[][])>())];

    public List<(double[][] Key, double[][] Value)> this[int layer] => rows[layer];

    /// <summary>Removes rows and inserts unknown ones, which the next forward must fill.</summary>
    public void Splice(int start, int removed, int inserted)
    {
        foreach (var layer in rows)
        {
            layer.RemoveRange(start, removed);
            layer.InsertRange(start, Enumerable.Repeat<(double[][], double[][])>(([], []), inserted));
        }
    }
}
