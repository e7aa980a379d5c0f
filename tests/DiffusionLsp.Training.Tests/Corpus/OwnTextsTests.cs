using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>The texts that come with the program.</summary>
public sealed class OwnTextsTests
{
    [Fact]
    public void Every_text_is_long_enough_for_a_case_and_has_plain_line_breaks()
    {
        foreach (string language in Languages.All)
            foreach (string split in OwnTexts.Splits)
                Assert.All(OwnTexts.Of(language, split), document =>
                {
                    Assert.True(document.Text.Length >= CaseSelector.SmallestFile, document.Path);
                    Assert.DoesNotContain('\r', document.Text);
                    Assert.DoesNotContain('/', document.Path);
                });
    }
}
