using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Lengths;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>Chooses how many masks a hole gets and in which blocks they are decoded, from the model's family and the options. Runs on the decode thread.</summary>
internal sealed class HoleLength(LoadedModel model, ModelRunner runner) : IDisposable
{
    // Nearby text determines a hole's length, and each candidate length costs a forward over the probe's context.
    private const int NearBefore = 768, NearAfter = 256;

    // End-of-text says nothing about a candidate length: for an empty hole it is likely at every length.
    private readonly BlockedTokens blocked = new(model.Config.VocabularySize, model.NeverText().Append(model.Tokenizer.Special.EndOfText));

    private BlockedTensors? tensors; // the same on a device

    public InfillPlan Plan(Prompt prompt, InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        ModelConfig config = model.Config;
        // Block-causal models were trained with blocks of fixed length, counted from the start of the document.
        (int block, int offset) = config.Attention is AttentionKind.BlockCausal && config.ContextBlockSize > 1
            ? (config.ContextBlockSize, prompt.Before.Length % config.ContextBlockSize)
            : (options.BlockLength, 0);
        ILengthPolicy policy = LengthPolicies.Create(NameFor(options));
        if (!Holds(prompt) && !policy.Changes) return new InfillPlan(options.Length, block, offset);
        LengthProbe probe = Probe();
        int length = policy.Choose(new LengthQuestion(options.Length, request.SingleLine, lengths => probe.Confidences(prompt.Before[^Math.Min(prompt.Before.Length, NearBefore)..], prompt.After[..Math.Min(prompt.After.Length, NearAfter)], lengths, cancellation)));
        return new InfillPlan(length, block, offset) { Expands = policy.Changes, Forwards = probe.Forwards };
    }

    private LengthProbe Probe()
    {
        int mask = model.Tokenizer.Special.Mask;
        if (!model.UsesLibtorch) return new HostLengthProbe(runner, blocked[TokenSet.Text], mask);
        tensors ??= new BlockedTensors(blocked, model.Compute.Device);
        return new TensorLengthProbe(model.Transformer, tensors[TokenSet.Text], mask);
    }

    /// <summary>Whether text follows the hole; a hole at the end of the file is truncated where the completion ends.</summary>
    private bool Holds(Prompt prompt) => model.Description.Prompt.SeesSuffixNatively && prompt.After.Any(id => id != model.Tokenizer.Special.EndOfText);

    private string NameFor(DecodeOptions options)
    {
        string name = options.LengthPolicy == LengthPolicies.Auto ? model.Description.Family.LengthPolicy : options.LengthPolicy;
        if (name == "expand" && model.Tokenizer.Special.Expand is null)
            throw new EngineException($"{model.Description.Family.Title} has no expand token, so the length policy expand cannot be used; use auto, calibrated or fixed.");
        return name;
    }

    public void Dispose() => tensors?.Dispose();
}

/// <summary>The layout of a hole.</summary>
/// <param name="Length">Initial number of masks.</param>
/// <param name="BlockLength">Positions decoded together.</param>
/// <param name="Offset">Positions of the first block that the prompt occupies.</param>
internal sealed record InfillPlan(int Length, int BlockLength, int Offset)
{
    /// <summary>Whether the model itself expands and deletes masks.</summary>
    public bool Expands { get; init; }

    /// <summary>Forwards spent on choosing the length.</summary>
    public int Forwards { get; init; }
}
