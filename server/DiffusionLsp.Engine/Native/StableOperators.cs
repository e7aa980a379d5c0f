using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Operators that TorchSharp lacks, called by name through libtorch's stable C interface (torch/csrc/stable/c/shim.h, libtorch 2.10 and
/// later). Gradients flow through them as through any operator.
/// </summary>
internal static unsafe class StableOperators
{
    private const ulong Version = 0x020A_0000_0000_0000; // version 2.10.0 of the interface

    private static readonly nint Library = NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out nint handle) ? handle : 0;
    private static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> Call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)Export("torch_call_dispatcher");
    private static readonly delegate* unmanaged<nint, nint*, int> NewHandle = (delegate* unmanaged<nint, nint*, int>)Export("aoti_torch_new_tensor_handle");
    private static readonly delegate* unmanaged<nuint, nint*, int> NewList = (delegate* unmanaged<nuint, nint*, int>)Export("torch_new_list_reserve_size");
    private static readonly delegate* unmanaged<nint, ulong, int> Append = (delegate* unmanaged<nint, ulong, int>)Export("torch_list_push_back");

    private static readonly delegate* unmanaged<nint, int> DeleteHandle = (delegate* unmanaged<nint, int>)Export("aoti_torch_delete_tensor_object");
    private static readonly delegate* unmanaged<nint, nint*, int> DataPointer = (delegate* unmanaged<nint, nint*, int>)Export("aoti_torch_get_data_ptr");

    /// <summary>Whether this libtorch has the interface; older ones do not.</summary>
    public static bool AreThere { get; } = Call != null && NewHandle != null && NewList != null && Append != null && DeleteHandle != null && DataPointer != null;

    /// <summary>The address of a tensor's first number on its device.</summary>
    /// <exception cref="InvalidOperationException">libtorch failed; the reason is on standard error.</exception>
    public static nint Address(this Tensor tensor)
    {
        nint address;
        Check(DataPointer(tensor.Handle, &address));
        GC.KeepAlive(tensor);
        return address;
    }

    /// <summary>y ← x · Wᵀ + b, into existing memory.</summary>
    /// <param name="x">(N, I)</param>
    /// <param name="weight">(O, I)</param>
    /// <param name="bias">(O); null: none</param>
    /// <param name="y">(N, O), contiguous</param>
    /// <exception cref="InvalidOperationException">libtorch failed; the reason is on standard error.</exception>
    public static void Linear(Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        ulong* stack = stackalloc ulong[4] { Handle(x), Handle(weight), bias is null ? 0 : Optional(Handle(bias)), Handle(y) };
        fixed (byte* name = "aten::linear\0"u8, overload = "out\0"u8) Check(Call(name, overload, stack, Version));
        Check(DeleteHandle((nint)stack[0])); // another handle of y
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        GC.KeepAlive(y);
    }

    /// <summary>x / sqrt(mean(x²) + ε) · weight over the last dimension, in one operator that computes in float32.</summary>
    /// <param name="x">(…, D)</param>
    /// <param name="weight">(D), of the same type; null: none</param>
    /// <returns>As <paramref name="x"/>, in the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">libtorch failed; the reason is on standard error.</exception>
    public static Tensor RmsNorm(Tensor x, Tensor? weight, double epsilon)
    {
        nint size;
        Check(NewList(1, &size));
        Check(Append(size, (ulong)x.shape[^1]));
        // The callee takes ownership of every argument and frees it.
        ulong* stack = stackalloc ulong[4] { Handle(x), (ulong)size, weight is null ? 0 : Optional(Handle(weight)), Optional(BitConverter.DoubleToUInt64Bits(epsilon)) };
        fixed (byte* name = "aten::rms_norm\0"u8, overload = "\0"u8) Check(Call(name, overload, stack, Version));
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    private static ulong Handle(Tensor tensor)
    {
        nint made;
        Check(NewHandle(tensor.Handle, &made));
        return (ulong)made;
    }

    /// <summary>An optional argument with a value.</summary>
    private static ulong Optional(ulong value)
    {
        var place = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *place = value;
        return (ulong)place;
    }

    private static void Check(int code)
    {
        if (code != 0) throw new InvalidOperationException("An operator of libtorch's stable interface failed.");
    }

    private static nint Export(string name) => Library != 0 && NativeLibrary.TryGetExport(Library, name, out nint address) ? address : 0;
}
