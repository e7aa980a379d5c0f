using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Holes of each kind lie where their name says, in real files.</summary>
public sealed class HoleCutterTests
{
    public static TheoryData<string> Languages => [.. DiffusionLsp.Training.Corpus.Languages.All];

    [Theory, MemberData(nameof(Languages))]
    public void Holes_lie_where_people_type(string language)
    {
        var random = new Random(5);
        var counts = new Dictionary<HoleKind, int>();
        foreach (CorpusDocument document in OwnTexts.Of(language, "train"))
            foreach (HoleKind kind in Enum.GetValues<HoleKind>())
                for (int i = 0; i < 20; i++)
                    if (HoleCutter.Cut(document.Text, 0, document.Text.Length, kind, random) is { } hole)
                    {
                        Assert.Equal(kind, hole.Kind);
                        Check(document.Text, hole);
                        counts[kind] = counts.GetValueOrDefault(kind) + 1;
                    }
        Assert.All(Enum.GetValues<HoleKind>(), kind => Assert.True(counts.GetValueOrDefault(kind) >= 10, $"{kind}: {counts.GetValueOrDefault(kind)}"));
    }

    private static void Check(string text, Hole hole)
    {
        string before = text[..hole.Start], inside = text[hole.Start..hole.End], after = text[hole.End..];
        string line = before[(before.LastIndexOf('\n') + 1)..];
        switch (hole.Kind)
        {
            case HoleKind.StartOfLine:
                Assert.Equal("", line);
                Assert.NotEqual("", inside.Trim());
                Assert.True(after is "" or ['\n', ..]);
                break;
            case HoleKind.InsideIndentation:
                Assert.NotEqual("", line);
                Assert.Equal("", line.Trim());
                Assert.True(inside[0] is ' ' or '\t' && inside.Trim() != "");
                break;
            case HoleKind.AfterBreak:
                Assert.Equal("", line);
                Assert.EndsWith("\n", inside);
                Assert.InRange(inside.Count(c => c == '\n'), 1, 4);
                Assert.NotEqual("", after);
                break;
            case HoleKind.BeforeCloser:
                Assert.Contains(before[^1], "([{");
                Assert.Equal(")]}"["([{".IndexOf(before[^1])], after[0]);
                foreach (string pair in new[] { "()", "[]", "{}" }) Assert.Equal(inside.Count(c => c == pair[0]), inside.Count(c => c == pair[1]));
                Assert.NotEqual("", inside.Trim());
                break;
            case HoleKind.InsideToken:
                Assert.True(char.IsLetterOrDigit(before[^1]) || before[^1] == '_');
                Assert.True(char.IsLetterOrDigit(inside[0]) || inside[0] == '_');
                break;
            case HoleKind.RestOfLine or HoleKind.WholeLine:
                Assert.DoesNotContain('\n', inside);
                Assert.True(after is "" or ['\n', ..]);
                break;
        }
    }

    [Fact]
    public void Kinds_are_drawn_by_weight()
    {
        string text = OwnTexts.Of("csharp", "train")[0].Text;
        var random = new Random(1);
        var weights = new Dictionary<HoleKind, double> { [HoleKind.BeforeCloser] = 3, [HoleKind.RestOfLine] = 0, [HoleKind.StartOfLine] = 1 };
        var kinds = Enumerable.Range(0, 600).Select(_ => HoleCutter.Cut(text, 0, text.Length, weights, random)?.Kind).OfType<HoleKind>().ToList();
        Assert.DoesNotContain(HoleKind.RestOfLine, kinds);
        Assert.InRange(kinds.Count(k => k is HoleKind.StartOfLine), 100, 200);
        Assert.InRange(kinds.Count(k => k is HoleKind.BeforeCloser), 250, 500); // a line without brackets has none
    }
}
