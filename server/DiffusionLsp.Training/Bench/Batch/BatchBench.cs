using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Training.Bench.Batch;

/// <summary>
/// <c>bench batch</c>: a number of clients, each with its own session and always one request in flight, against one engine; measures
/// completions per second and how forwards were shared. It does not judge the completions, except that batching must change none.
/// </summary>
/// <remarks>Every request does the same work: a prompt of about 60 tokens and a hole of 24, decoded completely, two tokens per step.</remarks>
internal static class BatchBench
{
    private const int HoleTokens = 24, Words = 12;
    private const int FewestRequests = 8;
    private const int Turns = 2; // of each number of clients, so that load on the machine slows all of them alike
    private static readonly int[] Clients = [1, 4, 16, 64];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: a random model that is narrow and deep, so that a forward waits for its launches whatever the rows." };
        Option<bool> nano = new("--nano") { Description = "The embedded model." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<int> threads = new("--threads") { Description = "CPU threads; 0: all cores." };
        Option<int[]> clients = new("--clients") { DefaultValueFactory = _ => Clients, Description = "Numbers of concurrent clients; the first is compared with.", AllowMultipleArgumentsPerToken = true };
        Option<int> each = new("--each") { DefaultValueFactory = _ => 4, Description = "Requests of each client." };
        Option<bool> quick = new("--quick") { Description = "1, 4 and 16 clients with two requests each." };
        Option<string?> json = new("--json") { Description = "Write the numbers here." };
        var command = new Command("batch", "Completions per second of several clients at once.") { model, nano, device, threads, clients, each, quick, json };
        command.SetAction(p =>
        {
            using RandomModelFolder? random = p.GetValue(model) is null && !p.GetValue(nano) ? new RandomModelFolder() : null;
            int[] counts = p.GetValue(quick) ? [1, 4, 16] : p.GetValue(clients)!;
            BatchReport report = Run(new EngineOptions
            {
                ModelFolder = random?.Path ?? p.GetValue(model), Device = p.GetValue(device)!, Threads = p.GetValue(threads), MostActive = counts.Max(), MostWaiting = counts.Max(),
            }, random is null ? null : RandomModelFolder.Title, counts, p.GetValue(quick) ? 2 : p.GetValue(each));
            Console.Out.Write(report.Table());
            if (p.GetValue(json) is { } file) File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + "\n");
            return report.Different == 0 ? 0 : 1;
        });
        return command;
    }

    /// <param name="title">Name of the model in the report; null: its folder's name.</param>
    /// <param name="each">Requests per client.</param>
    internal static BatchReport Run(EngineOptions options, string? title, int[] clients, int each)
    {
        using InfillEngine engine = InfillEngine.Load(options);
        Task.WaitAll([.. Enumerable.Range(0, Math.Min(4, clients.Max())).Select(i => Complete(engine, i, 0))]); // warm-up
        var texts = new Dictionary<(int, int), string>();
        Measured[] measured = [.. clients.Select(count => new Measured(count, Math.Max(each, FewestRequests / count)))];
        int different = 0;
        for (int turn = 0; turn < Turns; turn++)
            foreach (Measured of in measured)
                different += TakeTurn(engine, of, of.Times * turn / Turns, of.Times * (turn + 1) / Turns, texts);
        return new BatchReport(title ?? engine.Model.Name, engine.Model.Device, engine.Model.Threads, different, [.. measured.Select(m => m.Row())]);
    }

    /// <summary>The next requests of one number of clients. Returns how many texts differ from those that other numbers of clients got.</summary>
    private static int TakeTurn(InfillEngine engine, Measured of, int first, int end, Dictionary<(int, int), string> texts)
    {
        if (first == end) return 0;
        engine.ForgetAsync().GetAwaiter().GetResult();
        (long forwards, long rows) = engine.Shared;
        var clock = Stopwatch.StartNew();
        Answer[] answers = [.. Task.WhenAll(Enumerable.Range(0, of.Clients).Select(client => Client(engine, client, first, end))).GetAwaiter().GetResult().SelectMany(a => a)];
        of.Seconds += clock.Elapsed.TotalSeconds;
        of.Answers.AddRange(answers);
        of.Forwards += engine.Shared.Forwards - forwards;
        of.Rows += engine.Shared.Rows - rows;
        return answers.Count(a => !texts.TryAdd((a.Client, a.Number), a.Text) && texts[(a.Client, a.Number)] != a.Text);
    }

    private static async Task<List<Answer>> Client(InfillEngine engine, int client, int first, int end)
    {
        var answers = new List<Answer>();
        for (int number = first; number < end; number++) answers.Add(await Complete(engine, client, number).ConfigureAwait(false));
        return answers;
    }

    private static async Task<Answer> Complete(InfillEngine engine, int client, int number)
    {
        var random = new Random(1000 * client + number);
        string prefix = string.Join(' ', Enumerable.Range(0, Words).Select(_ => $"value_{random.Next(1000)} ="));
        DecodeOptions options = new DecodeOptions { Decoder = "fixed", Length = HoleTokens, EndOfText = "never", NgramCache = false, LengthPolicy = "fixed" }.With(FixedCountPolicy.TokensPerStep, 2);
        var clock = Stopwatch.StartNew();
        InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = prefix, Session = $"client {client}" }, options, CancellationToken.None).ConfigureAwait(false);
        return new Answer(client, number, result.Completion, result.Forwards, clock.Elapsed.TotalMilliseconds);
    }

    /// <summary>What one number of clients has got so far. Few clients send more requests each, so that no measurement rests on single requests.</summary>
    private sealed class Measured(int clients, int times)
    {
        public int Clients => clients;
        public int Times => times;
        public List<Answer> Answers { get; } = [];
        public double Seconds { get; set; }
        public long Forwards { get; set; }
        public long Rows { get; set; }

        public BatchRow Row()
        {
            double[] latency = [.. Answers.Select(a => a.Milliseconds)];
            return new BatchRow(clients, Answers.Count, Answers.Count / Seconds, Answers.Sum(a => a.Forwards), Forwards, Forwards == 0 ? 0 : (double)Rows / Forwards,
                Percentiles.Of(latency, 0.5), Percentiles.Of(latency, 0.95));
        }
    }

    private sealed record Answer(int Client, int Number, string Text, int Forwards, double Milliseconds);
}
