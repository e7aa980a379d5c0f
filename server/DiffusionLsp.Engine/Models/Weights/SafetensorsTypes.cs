using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>The table of supported element types: their names in the file and in torch. Knows no files.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Rows =
    [
        ("F32", ScalarType.Float32, 4),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8),
        ("U8", ScalarType.Byte, 1),
    ];

    /// <summary>Every name, for messages.</summary>
    public static string Names => string.Join(", ", Rows.Select(r => r.Name));

    /// <summary>Torch's type for a name in a file; null: not supported.</summary>
    public static ScalarType? Find(string name) => Rows.Where(r => r.Name == name).Select(r => (ScalarType?)r.Type).FirstOrDefault();

    /// <summary>The name in a file for a torch type; null: not supported.</summary>
    public static string? Find(ScalarType type) => Rows.Where(r => r.Type == type).Select(r => r.Name).FirstOrDefault();

    /// <summary>Whether a type can hold weights.</summary>
    public static bool IsFloating(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    /// <summary>Bytes per element.</summary>
    public static int SizeOf(ScalarType type) => Rows.Single(r => r.Type == type).Bytes;
}

/// <summary>Type, shape and location of one tensor in its file.</summary>
/// <param name="DataType">Its element type in the file.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Bytes">Its length in the file, in bytes.</param>
internal sealed record TensorInfo(ScalarType DataType, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>The shape for messages: "[2, 3]".</summary>
    public string ShapeText => Text(Shape);

    /// <summary>Formats a shape for messages.</summary>
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
