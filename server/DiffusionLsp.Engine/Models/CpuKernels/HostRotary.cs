using System.Numerics;
using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary><see cref="RotaryEmbedding"/> in host memory: cosines and sines of every position, and the rotation of one head.</summary>
internal sealed unsafe class HostRotary : IDisposable
{
    private readonly double[] frequencies; // (r/2) radians per position
    private float* cosines, sines; // (positions, r/2)

    public HostRotary(ModelConfig config)
    {
        int size = config.RotarySize ?? config.HeadSize;
        frequencies = RotaryEmbedding.Frequencies(config);
        Positions = config.MaxPositions;
        Half = size / 2;
        cosines = HostMemory.Allocate<float>((long)Positions * Half);
        sines = HostMemory.Allocate<float>((long)Positions * Half);
        for (int position = 0; position < Positions; position++) Angles(position, cosines + (long)position * Half, sines + (long)position * Half);
    }

    /// <summary>Rotation angles per position (r/2).</summary>
    public int Half { get; }

    /// <summary>Number of positions.</summary>
    public int Positions { get; }

    /// <summary>Rotates a head to a position, in place.</summary>
    /// <param name="head">(d), of which the first r are rotated.</param>
    public void Rotate(float* head, int position) => Rotate(head, cosines + (long)position * Half, sines + (long)position * Half);

    /// <summary>Rotates a head in place.</summary>
    /// <param name="head">(d), of which the first r are rotated.</param>
    /// <param name="cosines">(r/2)</param>
    /// <param name="sines">(r/2)</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rotate(float* head, float* cosines, float* sines)
    {
        for (int i = 0; i < Half; i += Vector<float>.Count)
        {
            Vector<float> a = Vector.Load(head + i), b = Vector.Load(head + Half + i), cos = Vector.Load(cosines + i), sin = Vector.Load(sines + i);
            Vector.Store(a * cos - b * sin, head + i);
            Vector.Store(b * cos + a * sin, head + Half + i);
        }
    }

    /// <summary>Receives cosines and sines, (r/2) each.</summary>
    public delegate void Turning(float* cosines, float* sines);

    /// <summary>Calls a function with the cosines and sines of a rotation by a number of positions, which may be negative.</summary>
    public void TurnBy(int positions, Turning turn)
    {
        float* room = HostMemory.Allocate<float>(2L * Half);
        try
        {
            Angles(positions, room, room + Half);
            turn(room, room + Half);
        }
        finally { HostMemory.Free(room); }
    }

    private void Angles(int position, float* cosines, float* sines)
    {
        for (int i = 0; i < Half; i++)
        {
            (double sin, double cos) = Math.SinCos(frequencies[i] * position);
            (cosines[i], sines[i]) = ((float)cos, (float)sin);
        }
    }

    public void Dispose()
    {
        HostMemory.Free(cosines);
        HostMemory.Free(sines);
        cosines = sines = null;
    }
}
