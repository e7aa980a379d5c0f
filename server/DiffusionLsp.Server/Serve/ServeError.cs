namespace DiffusionLsp.Server.Serve;

/// <summary>A rejected request, with an HTTP status and one sentence for the client. The sentence contains none of the client's code.</summary>
internal sealed class ServeError(int status, string message, string? parameter = null) : Exception(message)
{
    public int Status => status;

    /// <summary>The invalid field; null: no particular one.</summary>
    public string? Field => parameter;

    /// <summary>The error type, by the names that OpenAI's clients know.</summary>
    public string Kind => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        503 => "unavailable_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>A field with an invalid value.</summary>
    public static ServeError Bad(string field, string accepted) => new(400, $"\"{field}\" must be {accepted}.", field);
}
