using System.Diagnostics;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Prompts;
using LLama.Native;

namespace DiffusionLsp.LlamaCpp;

/// <summary>
/// The embedded model here, as served, and in llama.cpp, alternately: a first request, and one after a further character was typed. llama.cpp is given
/// the same prompt in ids and writes as many tokens; tokenizing and choosing what to write is counted here alone.
/// </summary>
internal static class PeerBench
{
    private const int PromptTokens = 512, Line = 32;

    /// <param name="args">--quick, --keys N, --threads N; --memory NAME: only load, complete once and tell the memory.</param>
    public static int Run(string[] args)
    {
        NativeLogConfig.llama_log_set((_, _) => { });
        int threads = Number("--threads", Environment.ProcessorCount), keys = Number("--keys", args.Contains("--quick") ? 8 : 48);
        if (Array.IndexOf(args, "--memory") is >= 0 and var at) return TellMemory(args[at + 1], threads);
        using var narrow = new TemporaryGguf(isNarrow: true);
        using var wide = new TemporaryGguf(isNarrow: false);
        using InfillEngine engine = Engine(threads);
        using LlamaPeer narrowPeer = new(narrow.Path, threads), widePeer = new(wide.Path, threads);
        var times = new Dictionary<string, List<double>>();
        var lengths = (Prompt: new List<double>(), Written: new List<double>());
        var prompts = new Prompts();
        foreach ((InfillRequest before, InfillRequest after) in Requests(keys + 1))
        {
            // The forwards of one kind warm nothing for another: caches are apart, and weights too.
            InfillResult? result = null;
            double Ours(InfillRequest request) => Timed(() => result = engine.InfillAsync(request, new DecodeOptions { Length = Line }, CancellationToken.None).GetAwaiter().GetResult());
            engine.ForgetAsync().GetAwaiter().GetResult();
            Add("ours cold", Ours(before));
            int first = Math.Max(1, result!.Tokens);
            Add("ours warm", Ours(after));
            int second = Math.Max(1, result.Tokens);
            foreach ((string name, LlamaPeer peer) in new[] { ("bfloat16", narrowPeer), ("float32", widePeer) })
            {
                peer.Forget();
                Add(name + " cold", Timed(() => peer.Write(prompts.Of(before), first)));
                Add(name + " warm", Timed(() => peer.Write(prompts.Of(after), second)));
            }
            lengths.Prompt.Add(prompts.Of(before).Length);
            lengths.Written.Add(second);
        }
        Console.WriteLine(Invariant($"{keys} places, {threads} threads, median prompt {Median(lengths.Prompt):0} tokens, median written {Median(lengths.Written):0}; medians, ratios of the same place\n"));
        Console.WriteLine("| | here, as served | llama.cpp, bfloat16 | llama.cpp, float32 | here to the faster |\n|---|---:|---:|---:|---:|");
        foreach (string kind in new[] { "cold", "warm" })
        {
            List<double> ours = times["ours " + kind], narrows = times["bfloat16 " + kind], wides = times["float32 " + kind];
            double[] ratios = [.. ours.Select((own, i) => own / (Median(narrows) < Median(wides) ? narrows : wides)[i])];
            Console.WriteLine(Invariant($"| {kind}, ms | {Median(ours):0.0} | {Median(narrows):0.0} | {Median(wides):0.0} | {Median(ratios):0.000} |"));
        }
        Console.WriteLine(Invariant($"| same text, read from left to right by both | | {Same(engine, narrowPeer, prompts, keys)} | {Same(engine, widePeer, prompts, keys)} | |"));
        double[] memory = [.. new[] { "ours", "bfloat16", "float32" }.Select(Memory)];
        Console.WriteLine(Invariant($"| memory of a process that wrote once, MB | {memory[0]:0} | {memory[1]:0} | {memory[2]:0} | {memory[0] / Math.Min(memory[1], memory[2]):0.000} |"));
        return 0;

        int Number(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? int.Parse(args[i + 1], CultureInfo.InvariantCulture) : otherwise;

        void Add(string name, double milliseconds)
        {
            if (!times.TryGetValue(name, out List<double>? list))
            {
                times[name] = []; // the first of each pages memory in and compiles
                return;
            }
            list.Add(milliseconds);
        }
    }

    /// <summary>How many texts of llama.cpp begin as this engine's do without drafts and n-gram cache: whether it is the same model.</summary>
    private static string Same(InfillEngine engine, LlamaPeer peer, Prompts prompts, int keys)
    {
        int same = 0, asked = 0;
        foreach ((InfillRequest request, _) in Requests(Math.Max(keys, 24)))
        {
            InfillResult result = engine.InfillAsync(request, new DecodeOptions { Length = Line, Decoder = "autoregressive", NgramCache = false }, CancellationToken.None).GetAwaiter().GetResult();
            // Elsewhere the token at the cursor, or the indentation before it, is written anew, with constraints that llama.cpp does not know.
            bool isPlain = result is { Rewritten: 0, Tokens: > 0 } && !string.IsNullOrWhiteSpace(request.Prefix[(request.Prefix.LastIndexOf('\n') + 1)..]);
            if (!isPlain) continue;
            asked++;
            string other = prompts.Text(peer.Write(prompts.Of(request), result.Tokens));
            if (other.StartsWith(result.Completion.TrimEnd(), StringComparison.Ordinal)) same++;
        }
        return Invariant($"{same} of {asked}");
    }

    private static InfillEngine Engine(int threads) => InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = threads, PromptTokens = PromptTokens });

    /// <summary>Pairs of neighbouring keystrokes in the samples.</summary>
    private static IEnumerable<(InfillRequest Before, InfillRequest After)> Requests(int count)
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(EmbeddedModel.FolderOr(null), "..", "..", "eng", "samples", "typing")).Order(StringComparer.Ordinal)];
        for (int i = 0; i < count; i++)
        {
            string file = files[i % files.Length];
            string[] parts = File.ReadAllText(file).ReplaceLineEndings("\n").Split('║');
            int typed = 1 + parts[1].Length / 2 * i / count;
            InfillRequest At(int length) => new() { Prefix = parts[0] + parts[1][..length], Suffix = parts[2], Path = Path.GetFileName(file), SingleLine = true, Session = "peer" };
            yield return (At(typed), At(typed + 1));
        }
    }

    /// <summary>Prints the resident memory of this process after one completion.</summary>
    private static int TellMemory(string name, int threads)
    {
        (InfillRequest request, _) = Requests(1).First();
        if (name == "ours")
        {
            using InfillEngine engine = Engine(threads);
            engine.InfillAsync(request, new DecodeOptions { Length = Line }, CancellationToken.None).GetAwaiter().GetResult();
            Console.WriteLine(Environment.WorkingSet);
            return 0;
        }
        using var file = new TemporaryGguf(name == "bfloat16");
        using var peer = new LlamaPeer(file.Path, threads);
        peer.Write(new Prompts().Of(request), 7);
        GC.Collect(2, GCCollectionMode.Aggressive, true, true); // what writing the file left
        Console.WriteLine(Environment.WorkingSet);
        return 0;
    }

    private static double Memory(string name)
    {
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["peer", "--memory", name]) { RedirectStandardOutput = true })!;
        string told = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return long.Parse(told, CultureInfo.InvariantCulture) / 1e6;
    }

    private static double Timed(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Requests as ids, laid out as the model was trained.</summary>
    private sealed class Prompts
    {
        private readonly ModelDescription description = ModelDescription.Read(EmbeddedModel.FolderOr(null));

        public int[] Of(InfillRequest request) => description.Prompt.Build(new PromptBuilder(description.Tokenizer, PromptTokens), request).Before;

        public string Text(int[] ids) => description.Tokenizer.Decode(ids);
    }

    private sealed class TemporaryGguf : IDisposable
    {
        public TemporaryGguf(bool isNarrow) => GgufNano.Write(Path, isNarrow);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
