using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Lengths;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;

namespace DiffusionLsp.Engine;

/// <summary>How many masks a hole gets and in which blocks they are decoded, by the model's family and the options. Runs on the device thread.</summary>
internal sealed class HoleLength(LoadedModel model, ModelRunner runner) : IDisposable
{
    // A hole's length is a matter of what is near, and every length costs a forward over it.
    private const int NearBefore = 768, NearAfter = 256;

    // The end of the text does not make a length likely: at every length it is what an empty hole wants.
    private readonly BlockedTokens blocked = new(model.Config.VocabularySize, model.NeverText().Append(model.Tokenizer.Special.EndOfText));

    private BlockedTensors? tensors; // the same on a device

    public InfillPlan Plan(Prompt prompt, InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        ModelConfig config = model.Config;
        // Models that are causal over blocks were trained with blocks of one length, counted from the document's start.
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

    /// <summary>Whether the hole lies between two texts; a hole at the end is cut where the text ends.</summary>
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

/// <summary>A hole as it is laid out.</summary>
/// <param name="Length">Masks at first.</param>
/// <param name="BlockLength">Positions that are decoded together.</param>
/// <param name="Offset">Positions of the first block that the prompt holds already.</param>
internal sealed record InfillPlan(int Length, int BlockLength, int Offset)
{
    /// <summary>Whether the model itself expands and deletes masks.</summary>
    public bool Expands { get; init; }

    /// <summary>Forward passes that were spent on finding the length.</summary>
    public int Forwards { get; init; }
}
