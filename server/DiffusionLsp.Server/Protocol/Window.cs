namespace DiffusionLsp.Server.Protocol;

/// <summary><c>window/logMessage</c>; types: 1 error, 2 warning, 3 info, 4 log.</summary>
internal sealed record LogMessageParams(int Type, string Message);

/// <summary><c>window/showMessage</c>; types as in <see cref="LogMessageParams"/>.</summary>
internal sealed record ShowMessageParams(int Type, string Message);

/// <summary><c>window/workDoneProgress/create</c>.</summary>
internal sealed record ProgressCreateParams(string Token);

/// <summary><c>$/progress</c>.</summary>
internal sealed record ProgressParams(string Token, ProgressValue Value);

/// <param name="Kind">"begin", "report" or "end".</param>
/// <param name="Percentage">0 to 100; only reported if the beginning said 0.</param>
internal sealed record ProgressValue(string Kind, string? Title = null, string? Message = null, int? Percentage = null);
