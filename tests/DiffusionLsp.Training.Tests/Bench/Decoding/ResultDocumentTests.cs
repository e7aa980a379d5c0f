using DiffusionLsp.Engine;
using DiffusionLsp.Training.Bench.Decoding;

namespace DiffusionLsp.Training.Tests.Bench.Decoding;

/// <summary>Only what stands between the marks changes.</summary>
public sealed class ResultDocumentTests
{
    private const string Document = $"# Title\n\nWords.\n\n{ResultDocument.Begin}\n{ResultDocument.End}\n\nMore words.\n";

    [Fact]
    public void A_text_is_put_in_and_replaced()
    {
        string once = ResultDocument.Replace(Document, "first table\n", "d.md");
        Assert.Equal($"# Title\n\nWords.\n\n{ResultDocument.Begin}\n\nfirst table\n\n{ResultDocument.End}\n\nMore words.\n", once);
        Assert.Equal(once.Replace("first", "second"), ResultDocument.Replace(once, "second table", "d.md"));
    }

    [Fact]
    public void A_part_is_put_between_its_own_marks_and_the_rest_stays()
    {
        (string begin, string end) = ResultDocument.Marks("canvas 1024");
        string both = ResultDocument.Replace(Document, "first table", "d.md") + $"{begin}\n{end}\n";
        string filled = ResultDocument.Replace(both, "long table", "d.md", "canvas 1024");
        Assert.Equal(both.Replace($"{begin}\n{end}", $"{begin}\n\nlong table\n\n{end}"), filled);
        Assert.Equal(filled.Replace("first", "second"), ResultDocument.Replace(filled, "second table", "d.md"));
        Assert.Contains("'<!-- measured, canvas 64: begin -->'", Assert.Throws<EngineException>(() => ResultDocument.Replace(filled, "t", "d.md", "canvas 64")).Message);
    }

    [Theory]
    [InlineData("no marks")]
    [InlineData($"{ResultDocument.End}\n{ResultDocument.Begin}")]
    [InlineData($"{ResultDocument.Begin}\n{ResultDocument.Begin}\n{ResultDocument.End}")]
    public void A_document_without_one_pair_of_marks_is_refused(string document) =>
        Assert.Contains("d.md", Assert.Throws<EngineException>(() => ResultDocument.Replace(document, "t", "d.md")).Message);
}
