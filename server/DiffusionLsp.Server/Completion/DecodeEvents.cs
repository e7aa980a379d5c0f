using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>A decode has begun. It may be told after the end of the same decode, where that is short.</summary>
internal sealed record DecodeBegan : ServerEvent;

/// <summary>A decode has ended, well or not.</summary>
/// <param name="Completed">What was decoded for a completion; null: it was cancelled, failed, or was a refill.</param>
internal sealed record DecodeEnded(InfillResult? Completed) : ServerEvent;

/// <summary>A decode that nobody waits for any more has stopped.</summary>
/// <param name="After">How long after it was called off.</param>
internal sealed record DecodeStopped(TimeSpan After) : ServerEvent;
