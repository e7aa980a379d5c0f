using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>A decode has started. For a short decode it may be raised after the event of its end.</summary>
internal sealed record DecodeBegan : ServerEvent;

/// <summary>A decode has ended, successfully or not.</summary>
/// <param name="Completed">The result, if it was for a completion; null: it was cancelled, failed, or was a refill.</param>
internal sealed record DecodeEnded(InfillResult? Completed) : ServerEvent;

/// <summary>A decode that no request waits for any more has stopped.</summary>
/// <param name="After">Time since it was cancelled.</param>
internal sealed record DecodeStopped(TimeSpan After) : ServerEvent;
