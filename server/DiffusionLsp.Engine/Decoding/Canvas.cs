namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// The hole while it is being filled: the committed tokens, the positions still masked, and the truncated length. The only mutable
/// state of a decode. It knows no model.
/// </summary>
internal sealed class Canvas
{
    private readonly int mask;
    private int[] ids;

    public Canvas(int length, int mask)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        this.mask = mask;
        ids = new int[length];
        Array.Fill(ids, mask);
        Length = length;
    }

    /// <summary>Number of positions that are still part of the hole.</summary>
    public int Length { get; private set; }

    /// <summary>Ids of the positions below <see cref="Length"/>; the mask's id where nothing is committed.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Length);

    /// <summary>Number of leading committed positions.</summary>
    public int Committed
    {
        get
        {
            int first = Ids.IndexOf(mask);
            return first < 0 ? Length : first;
        }
    }

    public bool IsMasked(int position) => ids[position] == mask;

    /// <summary>Whether [start, end) contains a mask.</summary>
    public bool HasMask(int start, int end) => start < Math.Min(end, Length) && Ids[start..Math.Min(end, Length)].Contains(mask);

    /// <summary>Commits a token, permanently.</summary>
    /// <exception cref="InvalidOperationException">The position is committed already, or the token is the mask.</exception>
    public void Commit(int position, int token)
    {
        if (token == mask) throw new InvalidOperationException("The mask cannot be committed.");
        RequireMasked(position);
        ids[position] = token;
    }

    /// <summary>Turns one masked position into two; everything after it moves right.</summary>
    public void Expand(int position)
    {
        RequireMasked(position);
        ids = [.. Ids[..position], mask, .. Ids[position..]];
        Length = ids.Length;
    }

    /// <summary>Removes one masked position; everything after it moves left.</summary>
    public void Delete(int position)
    {
        RequireMasked(position);
        ids = [.. Ids[..position], .. Ids[(position + 1)..]];
        Length = ids.Length;
    }

    private void RequireMasked(int position)
    {
        if (position >= Length || !IsMasked(position)) throw new InvalidOperationException($"Position {position} is not masked.");
    }

    /// <summary>Truncates the canvas to <paramref name="length"/> positions.</summary>
    public void Cut(int length) => Length = Math.Min(Length, length);
}
