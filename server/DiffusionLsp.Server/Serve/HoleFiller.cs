using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Completion.Postprocess;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using Serilog;

namespace DiffusionLsp.Server.Serve;

/// <summary>
/// Fills clients' holes with the one engine, in the same way as the language server's completions: same truncation, same line policy, same
/// post-processing. Equal requests of a session share a decode; the engine decides who waits, and how many may. It knows no dialect
/// and no socket.
/// </summary>
/// <param name="decode">The decode options, apart from the length.</param>
internal sealed class HoleFiller(ModelHost models, DecodeOptions decode, ServeLimits limits, ServeMetrics metrics, TimeProvider time, ILogger log)
{
    private const int Patience = 2; // multiples of the budget: text may still arrive just after it is spent

    private readonly Lock gate = new();
    private readonly List<SharedFill> running = [];

    /// <summary>Running decodes, and waiting ones.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            using EngineLease? lease = models.TryAcquire();
            lock (gate)
            {
                int begun = Math.Min(lease?.Engine.Running ?? 0, running.Count);
                return (begun, running.Count - begun);
            }
        }
    }

    /// <param name="session">The session; nothing is shared between sessions.</param>
    /// <param name="arrived">Timestamp from which the budget counts.</param>
    /// <exception cref="ServeError">No model is loaded, or there are too many requests.</exception>
    /// <exception cref="OperationCanceledException">The client has disconnected.</exception>
    public async Task<ServeAnswer> FillAsync(ServeRequest request, string session, long arrived, CancellationToken cancellation)
    {
        if (request.IsEmpty) return Answer("", null);
        TimeSpan left = request.Budget - time.GetElapsedTime(arrived);
        if (left <= TimeSpan.Zero) return Answer("", null);
        using FillTicket ticket = Enter(request, session, left);
        try
        {
            Filled filled = await ticket.Result.WaitAsync(cancellation).ConfigureAwait(false);
            return Answer(Stopped(Text(request, filled), request.Stops), filled.Result);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Answer("", null); // too late, replaced by a newer request, or a prefetch that had to yield: every client shows nothing
        }
        catch (EngineBusyException e)
        {
            throw new ServeError(e.IsOwn ? 429 : 503, e.Message);
        }
        catch (EngineException e)
        {
            throw new ServeError(500, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            FailureText.Log(log, e, "decoding failed");
            throw new ServeError(500, "Decoding failed; the server's log has the details.");
        }
    }

    private ServeAnswer Answer(string text, InfillResult? result) => new(text, result, Guid.NewGuid().ToString("N"), time.GetUtcNow()) { ContextTokens = limits.ToldContext };

    /// <summary>A share in a running decode, or in a new one.</summary>
    private FillTicket Enter(ServeRequest request, string session, TimeSpan left)
    {
        lock (gate)
        {
            if (running.Find(fill => fill.Session == session && fill.Request.AsksAs(request) && fill.TryJoin(request.Background)) is { } same)
            {
                metrics.Joined();
                return new FillTicket(same);
            }
            var fill = new SharedFill(request, session, Lease());
            foreach (SharedFill older in running.Where(older => older.Session == session && request.Replaces(older.Request))) older.Supersede();
            running.Add(fill);
            fill.Begin(() => Call(fill.Engine, request, session, left), left * Patience, metrics.Decoded, Ended);
            return new FillTicket(fill);
        }
    }

    private EngineLease Lease()
    {
        if (models.TryAcquire() is { } lease) return lease;
        models.Touch();
        throw new ServeError(503, models.Status.State is ModelState.Error ? models.Status.Message : "Loading model");
    }

    private void Ended(SharedFill fill)
    {
        lock (gate) running.Remove(fill);
    }

    private InfillCall Call(ICompletionEngine engine, ServeRequest request, string session, TimeSpan left)
    {
        InfillCall call = InfillCall.ForCompletion(Completion(request));
        return call with
        {
            Request = call.Request with
            {
                Session = session,
                Topic = request.Path,
                Language = LanguageOf(request),
                Budget = left,
                BudgetHoldsWaiting = true,
                UsesFimMiddle = request.FindsEnd,
                Workspace = engine.Index(request.Related),
            },
        };
    }

    private static string? LanguageOf(ServeRequest request) => request.Language ?? (request.Path is { } path ? LanguageIds.ForFile(path) : null);

    private CompletionRequest Completion(ServeRequest request)
    {
        var document = new TextDocument("serve:hole", LanguageOf(request) ?? "", 0, request.Prefix + request.Suffix);
        return new CompletionRequest
        {
            Document = document,
            Offset = request.Prefix.Length,
            Trigger = CompletionTrigger.Automatic,
            Source = CompletionSource.CommandLine,
            Settings = new ServerSettings { PromptTokens = limits.ContextTokens, CrossFileTokens = request.RelatedTokens },
            Path = request.Path,
            Related = request.Related,
            SingleLine = request.SingleLine,
            Decode = decode with { Length = request.Length },
        };
    }

    private static string Text(ServeRequest request, Filled filled) =>
        request.Raw ? filled.Result.Completion : PostprocessChain.Apply(BestSoFar.Of(filled.Result), filled.Surroundings).Text;

    private static string Stopped(string text, IReadOnlyList<string> stops)
    {
        int end = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(text.Length).Min();
        return text[..end];
    }
}

/// <summary>Limits of the server's load.</summary>
/// <param name="MostWaiting">Maximum number of waiting requests of all clients.</param>
/// <param name="MostWaitingPerSession">Maximum number of requests of a session that wait while another of its requests runs.</param>
/// <param name="ContextTokens">Maximum number of prompt tokens, from the command line; 0: what suits the model.</param>
internal sealed record ServeLimits(int MostWaiting = 64, int MostWaitingPerSession = 2, int ContextTokens = 0)
{
    private const int CommonContext = 2048;

    /// <summary>The number reported to clients: some need one even if the model determines it.</summary>
    public int ToldContext => ContextTokens > 0 ? ContextTokens : CommonContext;
}
