namespace DiffusionLsp.Server;

/// <summary>The user can mend it. The message is one sentence that says what is wrong.</summary>
internal sealed class UserException(string message) : Exception(message);
