using System.Text.Json;
using DiffusionLsp.Server.Protocol;
using Serilog;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Connects handlers to a connection: reads parameters, enforces the life cycle, takes the snapshot, and turns every failure into exactly
/// one answer and one log entry. StreamJsonRpc calls the entries in order of arrival, one at a time up to their first await. It knows
/// no method by name except <c>initialize</c>, <c>shutdown</c> and <c>exit</c>.
/// </summary>
internal sealed class MethodTable(JsonRpcConnection connection, ServerState state, Action<Exception> stop, ILogger log)
{
    public MethodTable Add<TParams>(IRequestHandler<TParams> handler) where TParams : class
    {
        Register(handler.Method, new Entry<Task<object?>>((json, cancellation) => AnswerAsync(handler, json, cancellation)));
        return this;
    }

    public MethodTable Add<TParams>(INotificationHandler<TParams> handler) where TParams : class
    {
        Register(handler.Method, new Entry<Task>((json, _) => Take(handler, json)));
        return this;
    }

    private void Register<TResult>(string method, Entry<TResult> entry) => connection.Serve(method, entry.WithParameters, entry.WithoutParameters);

    private async Task<object?> AnswerAsync<TParams>(IRequestHandler<TParams> handler, JsonElement? json, CancellationToken cancellation)
        where TParams : class
    {
        cancellation.ThrowIfCancellationRequested();
        RefuseOutOfPhase(handler.Method);
        try
        {
            return await handler.HandleAsync(Read<TParams>(json), state.Snapshot(), cancellation).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            string cause = InvalidParameters.Cause(e);
            log.Warning("{Method:l}: bad parameters: {Problem:l}", handler.Method, cause);
            throw new LocalRpcException($"The parameters of {handler.Method} are not valid: {cause}") { ErrorCode = ErrorCodes.InvalidParams };
        }
        catch (Exception e) when (e is not (OperationCanceledException or LocalRpcException))
        {
            log.Error(e, "{Method} failed", handler.Method);
            throw;
        }
    }

    private Task Take<TParams>(INotificationHandler<TParams> handler, JsonElement? json) where TParams : class
    {
        if (state.Phase != ServerPhase.Running && handler.Method != "exit") return Task.CompletedTask;
        try
        {
            handler.Handle(Read<TParams>(json));
        }
        catch (JsonException e)
        {
            log.Warning("{Method:l} is ignored: bad parameters: {Problem:l}", handler.Method, InvalidParameters.Cause(e));
        }
        catch (Exception e)
        {
            log.Fatal(e, "{Method} failed, so the server's state is unknown and it stops", handler.Method);
            stop(e);
        }
        return Task.CompletedTask;
    }

    private void RefuseOutOfPhase(string method)
    {
        bool first = method == "initialize";
        if (state.Phase == ServerPhase.Created && !first)
            throw new LocalRpcException("The server is not initialized; send initialize first.") { ErrorCode = ErrorCodes.ServerNotInitialized };
        if (state.Phase == ServerPhase.ShutDown || (state.Phase == ServerPhase.Running && first))
            throw new LocalRpcException(first ? "The server is already initialized." : "The server is shut down.") { ErrorCode = ErrorCodes.InvalidRequest };
    }

    private static TParams Read<TParams>(JsonElement? json) where TParams : class
    {
        if (typeof(TParams) == typeof(NoParams)) return (TParams)(object)new NoParams(); // clients send null, {} and [null]
        if (json is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } value)
            value = JsonDocument.Parse("{}").RootElement;
        if (value.ValueKind != JsonValueKind.Object) throw new InvalidParameters("an object is expected");
        return value.Deserialize<TParams>(JsonRpcConnection.Options)!;
    }

    /// <summary>The two signatures under which StreamJsonRpc looks up a method: with a parameter object and without.</summary>
    private sealed class Entry<TResult>(Func<JsonElement?, CancellationToken, TResult> invoke)
    {
        public TResult WithParameters(JsonElement? parameters, CancellationToken cancellation) => invoke(parameters, cancellation);

        public TResult WithoutParameters(CancellationToken cancellation) => invoke(null, cancellation);
    }
}
