using System.Globalization;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>A cursor as users write it: <c>FILE:LINE:COL</c>; line and column count from 1, columns in UTF-16 code units as in editors.</summary>
internal sealed record CursorArgument(string File, int Line, int Column)
{
    private const int LargestFile = 256 << 20;

    /// <exception cref="UserException">The text does not have this form.</exception>
    public static CursorArgument Parse(string text)
    {
        int second = text.LastIndexOf(':');
        int first = second > 0 ? text.LastIndexOf(':', second - 1) : -1;
        if (first > 0 && Number(text[(first + 1)..second]) is { } line && Number(text[(second + 1)..]) is { } column)
            return new CursorArgument(UserPath.Expand(text[..first]), line, column);
        throw new UserException($"'{text}' is not a cursor; write FILE:LINE:COL, with line and column from 1, for example src/app.ts:12:5.");
    }

    /// <summary>The file as a document, and the cursor's offset in it.</summary>
    /// <exception cref="UserException">There is no such file, line or column.</exception>
    public (TextDocument Document, int Offset) Open()
    {
        string text = Text();
        var document = new TextDocument(new Uri(Path.GetFullPath(File)).AbsoluteUri, LanguageIds.ForFile(File) ?? "plaintext", 0, text);
        if (Line > document.Lines.LineCount)
            throw new UserException($"'{File}' has {document.Lines.LineCount} lines, so there is no line {Line}.");
        int last = document.Lines.LineEnd(Line - 1) - document.Lines.LineStart(Line - 1) + 1;
        if (Column > last) throw new UserException($"Line {Line} of '{File}' ends at column {last}, so there is no column {Column}.");
        return (document, document.CursorOffset(Line - 1, Column - 1));
    }

    private string Text()
    {
        if (!Path.Exists(File)) throw new UserException($"There is no file '{File}'.");
        try
        {
            return RegularFile.ReadText(File, LargestFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"'{File}' cannot be read ({e.Message.TrimEnd('.')}); name a text file that you have permission to read.");
        }
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : null;
}
