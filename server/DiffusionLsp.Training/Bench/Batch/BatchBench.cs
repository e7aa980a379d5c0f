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
        var alone = new Dictionary<(int, int), string>();
        var rows = new List<BatchRow>();
        int different = 0;
        foreach (int count in clients)
        {
            engine.ForgetAsync().GetAwaiter().GetResult();
            (long sharedBefore, long rowsBefore) = engine.Shared;
            var clock = Stopwatch.StartNew();
            // Few clients send more requests each, so that no measurement rests on single requests.
            int times = Math.Max(each, 8 / count);
            Answer[] answers = [.. Task.WhenAll(Enumerable.Range(0, count).Select(client => Client(engine, client, times))).GetAwaiter().GetResult().SelectMany(a => a)];
            double seconds = clock.Elapsed.TotalSeconds;
            foreach (Answer a in answers)
                if (alone.TryGetValue((a.Client, a.Number), out string? known)) different += known == a.Text ? 0 : 1;
                else alone[(a.Client, a.Number)] = a.Text;
            double[] latency = [.. answers.Select(a => a.Milliseconds)];
            (long shared, long sharedRows) = (engine.Shared.Forwards - sharedBefore, engine.Shared.Rows - rowsBefore);
            rows.Add(new BatchRow(count, answers.Length, answers.Length / seconds, answers.Sum(a => a.Forwards), shared, shared == 0 ? 0 : (double)sharedRows / shared,
                Percentiles.Of(latency, 0.5), Percentiles.Of(latency, 0.95)));
        }
        return new BatchReport(title ?? engine.Model.Name, engine.Model.Device, engine.Model.Threads, different, rows);
    }

    private static async Task<List<Answer>> Client(InfillEngine engine, int client, int times)
    {
        var answers = new List<Answer>();
        for (int number = 0; number < times; number++) answers.Add(await Complete(engine, client, number).ConfigureAwait(false));
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

    private sealed record Answer(int Client, int Number, string Text, int Forwards, double Milliseconds);
}
