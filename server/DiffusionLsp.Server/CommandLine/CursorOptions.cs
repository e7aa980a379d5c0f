using System.CommandLine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Where to complete, how much, with which model and how: shared by the subcommands <c>complete</c> and <c>trace</c>.</summary>
internal sealed class CursorOptions
{
    private readonly Argument<string> cursor = new("FILE:LINE:COL") { Description = "The cursor; line and column count from 1." };
    private readonly Option<bool> single = OptionKinds.Switch("--single-line", "Complete only the cursor's line.");
    private readonly Option<bool> multi = OptionKinds.Switch("--multi-line", "Complete several lines, wherever the cursor is.");
    private readonly DecoderOptions decoder = new();

    /// <summary>Options that choose the model.</summary>
    public ModelOptions Models { get; } = new();

    public CursorOptions AddTo(Command command)
    {
        command.Add(cursor);
        command.Add(single);
        command.Add(multi);
        Models.AddTo(command);
        decoder.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(single) && result.GetValue(multi)) result.AddError("Use only one of --single-line and --multi-line");
        });
        return this;
    }

    /// <summary>The position, and an explicit request for it.</summary>
    /// <exception cref="UserException">The position does not exist.</exception>
    public (CursorArgument Place, CompletionRequest Request) Read(ParseResult parsed)
    {
        CursorArgument place = CursorArgument.Parse(parsed.GetRequiredValue(cursor));
        (TextDocument document, int offset) = place.Open();
        var request = new CompletionRequest
        {
            Document = document,
            Offset = offset,
            Trigger = CompletionTrigger.Invoked,
            Source = CompletionSource.CommandLine,
            Settings = new ServerSettings { MaxFileKilobytes = int.MaxValue, Languages = LanguageSwitches.AllOn },
            SingleLine = parsed.GetValue(single) ? true : parsed.GetValue(multi) ? false : null,
            Path = Path.IsPathRooted(place.File) || place.File.Contains("..") ? Path.GetFileName(place.File) : place.File.Replace('\\', '/'),
        };
        bool oneLine = LinePolicy.IsSingleLine(request);
        int length = oneLine ? request.Settings.MaxTokensSingleLine : request.Settings.MaxTokensMultiLine;
        return (place, request with { SingleLine = oneLine, Decode = decoder.Decode(parsed, new DecodeOptions { Length = length }) });
    }
}
