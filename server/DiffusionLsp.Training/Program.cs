using System.CommandLine;
using DiffusionLsp.Training;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Confidence;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Filter;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.NgramCache;
using DiffusionLsp.Training.Tokenizer;

// The table of verbs. Each verb is one file in the folder that does its work.
RootCommand root = new("Trains and measures DiffusionLsp's embedded model.")
{
    TokenizerCommand.Create(),
    CorpusCommand.Create(),
    ModelCommand.Create(),
    EvaluateCommand.Create(),
    FilterCommand.Create(),
    NgramCacheCommand.Create(),
    ConfidenceCommand.Create(),
    BenchCommand.Create(),
};
return Terminal.Run(root, args);
