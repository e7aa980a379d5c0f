using DiffusionLsp.Server.Documents;
using FsCheck.Xunit;

namespace DiffusionLsp.Server.Tests.Documents;

/// <summary>One document has one name in all spellings of its URI, and different documents have different ones.</summary>
public class DocumentUriTests
{
    [Theory]
    [InlineData("file:///c%3A/w/a.ts", "file:///C:/w/a.ts", "file:///c:/w/a.ts", "FILE:///C%3a/w/a.ts", "file:/C:/w/a.ts", "file://C:/w/a.ts", "C:\\w\\a.ts", "file:///C:\\w\\a.ts")]
    [InlineData("file:///w/a.ts", "file:/w/a.ts", "file://localhost/w/a.ts", "file:////w/a.ts", "file:///w//a.ts", "file:///w/x/../a.ts", "file:///w/./a.ts", "/w/a.ts", "file:///w%2Fa.ts", "file:///w/x/%2e%2e/a.ts")]
    [InlineData("file:///w/a%20b.ts", "file:///w/a b.ts", "file:/w/%61%20b.ts")]
    [InlineData("file:///w/%C3%A9.ts", "file:///w/é.ts", "file:///w/%c3%a9.ts")]
    [InlineData("file:///w/a%23b%3F.ts", "file:///w/a%23b%3f.ts")]
    [InlineData("untitled:Untitled-1", "Untitled:Untitled%2D1")]
    [InlineData("untitled:/w/a.ts", "untitled:///w/a.ts")]
    [InlineData("vscode-remote://ssh-remote%2Bhost/w/a.ts", "vscode-remote://ssh-remote+host/w/a.ts")]
    [InlineData("vscode-notebook-cell:/w/a.ipynb#W0sZ", "vscode-notebook-cell:///w/a.ipynb#W0sZ")]
    [InlineData("file://Server/share/a.ts", "file://server/share/a.ts")]
    public void One_document_has_one_name(params string[] spellings) =>
        Assert.Single(spellings.Select(s => DocumentUri.Parse(s).ToString()).Distinct());

    [Theory]
    [InlineData("file:///w/a.ts", "file:///w/A.ts")]
    [InlineData("file:///w/a.ts", "file:///w/a.ts/")]
    [InlineData("file:///w/a.ts", "untitled:/w/a.ts")]
    [InlineData("file:///w/a%23b", "file:///w/a#b")]
    [InlineData("file:///w/a%3Fb", "file:///w/a?b")]
    [InlineData("file:///w/a%2520b", "file:///w/a%20b")]
    [InlineData("file:///w/%FF", "file:///w/%FE")]
    [InlineData("file:///w/%FF", "file:///w/%25FF")]
    [InlineData("vscode-notebook-cell:/w/a.ipynb#W0", "vscode-notebook-cell:/w/a.ipynb#W1")]
    [InlineData("vscode-remote://a/w/a.ts", "vscode-remote://b/w/a.ts")]
    [InlineData("file://server/share/a.ts", "file:///share/a.ts")]
    [InlineData("git:/w/a.ts?HEAD", "git:/w/a.ts?index")]
    public void Different_documents_have_different_names(string one, string other) =>
        Assert.NotEqual(DocumentUri.Parse(one).ToString(), DocumentUri.Parse(other).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("not a uri")]
    [InlineData("1:2")]
    [InlineData("a%")]
    [InlineData("file:")]
    [InlineData("file:///%")]
    [InlineData("x://a%2Fb%25/%2F%2F")]
    [InlineData("x:y?%2523#%25")]
    [InlineData("file:///%ED%A0%BD")]
    public void A_name_is_its_own_name(string uri) => Assert.Equal(DocumentUri.Parse(uri).ToString(), DocumentUri.Parse(DocumentUri.Parse(uri).ToString()).ToString());

    [Property]
    public bool Any_text_has_a_name_that_stays(string? path)
    {
        return new[] { "", "file:///", "file://", "x:", "x://", "/" }.All(start =>
        {
            string name = DocumentUri.Parse(start + path).ToString();
            return DocumentUri.Parse(name).ToString() == name;
        });
    }
}
