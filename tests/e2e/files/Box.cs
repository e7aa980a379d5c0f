namespace Demo;

public sealed class Box
{
    private readonly int width;
    private readonly int height;

    public Box(int width, int height)
    {
        this.width = width;
        this.height =
    }
}
