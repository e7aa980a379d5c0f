using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>A completion session over a scripted engine, with one document.</summary>
internal sealed class SessionFixture : IDisposable
{
    private readonly ModelHost models;

    public SessionFixture(ScriptedEngine engine, TimeProvider? time = null)
    {
        models = new ModelHost((_, _) => engine, Listeners, Logger.None);
        models.Ensure(new EngineOptions());
        models.AcquireAsync(default).Result!.Dispose(); // a completion list, and what is decoded ahead, take no model that is still being loaded
        Documents = new DocumentStore(Listeners);
        Session = new CompletionSession(models, Documents, Listeners, time ?? TimeProvider.System, Logger.None);
        Listeners.On<FinishedCompletion>(Session.LookAhead);
    }

    public Listeners Listeners { get; } = new(Logger.None);

    public DocumentStore Documents { get; }

    public CompletionSession Session { get; }

    /// <summary>The settings of requests; no debounce and no prefetch, unless a test sets them.</summary>
    public ServerSettings Settings { get; set; } = new() { DebounceMs = 0, Prefetch = false };

    /// <summary>Makes the drawn text the document and requests a completion at its cursor.</summary>
    public CompletionRequest At(string drawn, CompletionTrigger trigger = CompletionTrigger.Automatic)
    {
        (string text, int offset) = Cursor.Split(drawn);
        var document = new TextDocument("file:///a.ts", "typescript", 1, text);
        Documents.Open(document);
        return new CompletionRequest { Document = document, Offset = offset, Trigger = trigger, Source = CompletionSource.Inline, Settings = Settings };
    }

    public Task<CompletionOutcome> CompleteAsync(CompletionRequest request, CancellationToken cancellation = default) =>
        Session.CompleteAsync(request, cancellation);

    public async Task<string> TextAsync(string drawn) => Assert.IsType<Suggestion>(await CompleteAsync(At(drawn))).Text;

    public async Task<NothingReason> ReasonAsync(CompletionRequest request) => Assert.IsType<Nothing>(await CompleteAsync(request)).Reason;

    public void Dispose() => models.Dispose();
}
