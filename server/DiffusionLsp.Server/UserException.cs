namespace DiffusionLsp.Server;

/// <summary>An error that the user can correct. The message is one sentence that states the problem and, where there is one, the cure.</summary>
internal sealed class UserException(string message) : Exception(message);
