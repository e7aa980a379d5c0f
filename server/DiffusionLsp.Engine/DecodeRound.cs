namespace DiffusionLsp.Engine;

/// <summary>What one round of decoding did: every request that was admitted went one forward further.</summary>
/// <param name="Requests">How many there were; 0: those that were left had nothing more to score, and ended.</param>
/// <param name="PromptRows">Rows fed for their keys and values alone.</param>
/// <param name="StepRows">Rows fed for their scores.</param>
/// <param name="SessionRoom">Sessions that have room in the K/V cache; each request under way is in one.</param>
public readonly record struct DecodeRound(int Requests, long PromptRows, long StepRows, int SessionRoom);
