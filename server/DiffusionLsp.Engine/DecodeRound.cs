namespace DiffusionLsp.Engine;

/// <summary>What one round of decoding did: every request that was admitted went one forward further.</summary>
/// <param name="Requests">How many there were; 0: those that were left had nothing more to score, and ended.</param>
/// <param name="PromptRows">Rows fed for their keys and values alone.</param>
/// <param name="StepRows">Rows fed for their scores.</param>
/// <param name="KeyValueUsage">Sessions that still have a request under way, as a share of those that have room in the K/V cache; 1: no other can begin.</param>
public readonly record struct DecodeRound(int Requests, long PromptRows, long StepRows, double KeyValueUsage);
