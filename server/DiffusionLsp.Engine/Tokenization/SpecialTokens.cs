namespace DiffusionLsp.Engine.Tokenization;

/// <summary>Ids of the tokens that mean something to the decoder, found in tokenizer.json by content. Null: the model has none.</summary>
/// <param name="Mask">A position that is still to be decided.</param>
/// <param name="EndOfText">Ends the hole.</param>
/// <param name="FimPrefix">Opens the text before the hole.</param>
/// <param name="FimSuffix">Opens the text after the hole.</param>
/// <param name="FimMiddle">Opens the hole, in models that mark it.</param>
/// <param name="File">Opens a file's path.</param>
/// <param name="Pad">Fills batches.</param>
public sealed record SpecialTokens(int Mask, int EndOfText, int? FimPrefix, int? FimSuffix, int? FimMiddle, int? File, int? Pad);
