namespace DiffusionLsp.Engine;

/// <summary>Statistics of one decoding round, which advances every admitted request by one forward.</summary>
/// <param name="Requests">Requests that were advanced; 0: the remaining ones had nothing left to score, and ended.</param>
/// <param name="PromptRows">Rows that were fed only to fill the K/V cache.</param>
/// <param name="StepRows">Rows that were scored.</param>
/// <param name="SessionRoom">Sessions that the K/V cache has room for; every running request holds one.</param>
public readonly record struct DecodeRound(int Requests, long PromptRows, long StepRows, int SessionRoom);
