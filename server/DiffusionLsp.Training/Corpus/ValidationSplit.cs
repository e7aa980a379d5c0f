namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Holds out a small part of the training documents for validation: whole packages where there are many, single documents where one
/// package is nearly everything (C#, where mono is 96 %). It does not interpret tokens.
/// </summary>
internal static class ValidationSplit
{
    /// <summary>The share of documents to hold out.</summary>
    public const double Share = 0.005;

    /// <summary>Packages with more than this share are not held out, so that validation is never a single project.</summary>
    private const double LargestPackageShare = 0.0025;

    /// <summary>Splits into training and validation documents, keeping the order in each.</summary>
    public static (List<TokenDocument> Training, List<TokenDocument> Validation) Split(string language, IReadOnlyList<TokenDocument> documents)
    {
        Func<TokenDocument, bool> isHeldOut = IsByDocument(language) ? IsHeldOutAlone : IsInHeldOutPackage(documents);
        return ([.. documents.Where(document => !isHeldOut(document))], [.. documents.Where(isHeldOut)]);
    }

    /// <summary>Whether single documents are held out.</summary>
    public static bool IsByDocument(string language) => language == "csharp";

    /// <summary>Whether a document of such a language is held out, whatever the others are.</summary>
    public static bool IsHeldOutAlone(string language, TokenDocument document) => IsByDocument(language) && IsHeldOutAlone(document);

    // Salted, because Order also determines the place in the shuffle: unsalted, the first documents would be held out.
    private static bool IsHeldOutAlone(TokenDocument document) =>
        StableHash.Of("validation\n" + document.Package + "\n" + document.Path) / (double)ulong.MaxValue < Share;

    private static Func<TokenDocument, bool> IsInHeldOutPackage(IReadOnlyList<TokenDocument> documents)
    {
        HashSet<string> heldOut = [];
        int taken = 0;
        foreach (IGrouping<string, TokenDocument> package in documents.GroupBy(document => document.Package).OrderBy(group => StableHash.Of(group.Key)))
        {
            if (taken >= Share * documents.Count) break;
            int count = package.Count();
            if (count > LargestPackageShare * documents.Count) continue;
            heldOut.Add(package.Key);
            taken += count;
        }
        return document => heldOut.Contains(document.Package);
    }
}
