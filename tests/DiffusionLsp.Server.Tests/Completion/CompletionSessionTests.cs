using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Each outcome of the pipeline, which request supersedes which, and what is decoded only once.</summary>
public class CompletionSessionTests
{
    [Fact]
    public async Task A_completion_reaches_the_engine_with_its_context()
    {
        var engine = new ScriptedEngine("a + b;");
        using var fixture = new SessionFixture(engine);
        CompletionOutcome outcome = await fixture.CompleteAsync(fixture.At("f(a, b) {\r\n  return ║\r\n}\r\n") with { Path = "src/a.ts" });

        Assert.Equal("a + b;", Assert.IsType<Suggestion>(outcome).Text);
        Assert.Equal(3, outcome.Decode!.Forwards);
        InfillRequest asked = Assert.Single(engine.Requests);
        Assert.Equal(("f(a, b) {\n  return ", "\n}\n"), (asked.Prefix, asked.Suffix));
        Assert.Equal(("src/a.ts", "typescript", true), (asked.Path, asked.Language, asked.SingleLine));
        Assert.Equal(fixture.Settings.MaxTokensSingleLine, engine.Options[0].Length);
    }

    [Fact]
    public async Task Empty_lines_ask_for_several_lines()
    {
        var engine = new ScriptedEngine("x();\n  y();");
        using var fixture = new SessionFixture(engine);
        Assert.Equal("x();\n  y();", await fixture.TextAsync("f() {\n  ║\n}"));
        Assert.False(engine.Requests[0].SingleLine);
        Assert.Equal(fixture.Settings.MaxTokensMultiLine, engine.Options[0].Length);
    }

    [Fact]
    public async Task Typing_along_a_suggestion_decodes_nothing()
    {
        var engine = new ScriptedEngine("value.length;");
        using var fixture = new SessionFixture(engine);
        Assert.Equal("value.length;", await fixture.TextAsync("let n = ║\nfoo();"));
        Assert.Equal("lue.length;", await fixture.TextAsync("let n = va║\nfoo();"));
        Assert.Equal("length;", await fixture.TextAsync("let n = value.║\nfoo();"));
        Assert.Single(engine.Requests);
        await fixture.TextAsync("let n = value;║\nfoo();"); // typed something else
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task What_a_suggestion_replaces_it_replaces_while_it_is_typed_along()
    {
        var engine = new ScriptedEngine("a, b).then(c);");
        using var fixture = new SessionFixture(engine);
        foreach ((string drawn, string rest) in new[] { ("foo(║)", "a, b).then(c);"), ("foo(a║)", ", b).then(c);"), ("foo(a, b║)", ").then(c);") })
        {
            var suggestion = Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At(drawn)));
            Assert.Equal((rest, 1), (suggestion.Text, suggestion.Replaced));
        }
        Assert.Single(engine.Requests);
        var insertion = Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("bar(║)") with { Source = CompletionSource.CommandLine }));
        Assert.Equal(("a, b", 0), (insertion.Text, insertion.Replaced)); // the command line prints an insertion
    }

    [Fact]
    public async Task What_is_typed_to_its_last_blank_is_not_offered_again()
    {
        var engine = new ScriptedEngine(request => request.Prefix.EndsWith('{') ? " get; set; " : "init; ");
        using var fixture = new SessionFixture(engine);
        Assert.Equal(" get; set; ", await fixture.TextAsync("int A {║}"));
        Assert.Equal(" set; ", await fixture.TextAsync("int A { get;║}"));
        Assert.Equal("init; ", await fixture.TextAsync("int A { get; set;║}"));
    }

    [Theory]
    [InlineData("// приве\uFFFD"), InlineData("\uFFFD"), InlineData("a \uD83D"), InlineData("\uDE42 b"), InlineData("a\uDE42\uD83Db")]
    public async Task What_is_no_text_is_dropped(string written)
    {
        using var fixture = new SessionFixture(new ScriptedEngine(written));
        Assert.Equal(NothingReason.BrokenText, await fixture.ReasonAsync(fixture.At("x = ║")));
        if (written.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0) return;
        Assert.Equal(written, await fixture.TextAsync("// \uFFFD\ny = ║")); // the document has it too
    }

    [Fact]
    public async Task Several_lines_stay_several_while_they_are_typed_along()
    {
        var engine = new ScriptedEngine("x();\n  y();");
        using var fixture = new SessionFixture(engine);
        Assert.Equal("x();\n  y();", await fixture.TextAsync("f() {\n  ║\n}"));
        Assert.Equal("();\n  y();", await fixture.TextAsync("f() {\n  x║\n}"));
        Assert.Equal("y();", await fixture.TextAsync("f() {\n  x();\n  ║\n}"));
        Assert.Single(engine.Requests);
        fixture.Settings = new ServerSettings { Multiline = Tristate.Never };
        Assert.Equal("();", await fixture.TextAsync("f() {\n  x║\n}"));
    }

    [Fact]
    public async Task A_newer_request_supersedes_and_cancels_the_older()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("x") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("a = ║"));
        await engine.ArrivalAsync();
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("b = ║"));
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await first).Reason);
        await engine.CancellationAsync(); // the engine may notice after the caller
        Assert.Equal(1, engine.Cancelled);
        release.SetResult();
        Assert.IsType<Suggestion>(await second);
    }

    [Fact]
    public async Task Requests_of_another_kind_or_document_do_not_supersede()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("x") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("a = ║");
        var other = new TextDocument("file:///b.ts", "typescript", 1, request.Document.Text);
        fixture.Documents.Open(other);
        Task<CompletionOutcome>[] all =
        [
            fixture.CompleteAsync(request),
            fixture.CompleteAsync(request with { Source = CompletionSource.List }),
            fixture.CompleteAsync(request with { Document = other }),
        ];
        for (int i = 0; i < 2; i++) await engine.ArrivalAsync(); // the list joins the decode for the ghost text
        release.SetResult();
        Assert.All(await Task.WhenAll(all), outcome => Assert.IsType<Suggestion>(outcome));
    }

    [Fact]
    public async Task A_superseded_request_in_its_debounce_never_reaches_the_engine()
    {
        var engine = new ScriptedEngine("x");
        using var fixture = new SessionFixture(engine) { Settings = new ServerSettings { DebounceMs = 2000 } };
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("a = ║"));
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("b = ║", CompletionTrigger.Invoked));
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await first).Reason);
        Assert.IsType<Suggestion>(await second.WaitAsync(TimeSpan.FromSeconds(1.5))); // invoked: no debounce
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task Cancelling_throws_and_stops_the_engine()
    {
        var engine = new ScriptedEngine("x") { Hold = new TaskCompletionSource().Task };
        using var fixture = new SessionFixture(engine);
        using var cancel = new CancellationTokenSource();
        Task<CompletionOutcome> running = fixture.CompleteAsync(fixture.At("a = ║"), cancel.Token);
        await engine.ArrivalAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await engine.CancellationAsync(); // the engine may notice after the caller
        Assert.Equal(1, engine.Cancelled);
    }

    [Fact]
    public async Task An_answer_for_text_that_changed_meanwhile_is_withheld_but_remembered()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("value;") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> running = fixture.CompleteAsync(fixture.At("a = ║"));
        await engine.ArrivalAsync();
        CompletionRequest next = fixture.At("a = va║");
        release.SetResult();
        Assert.Equal(NothingReason.DocumentChanged, Assert.IsType<Nothing>(await running).Reason);
        Assert.Equal("lue;", Assert.IsType<Suggestion>(await fixture.CompleteAsync(next)).Text);
        Assert.Single(engine.Requests);
    }

    [Theory]
    [InlineData("", NothingReason.Blank)]
    [InlineData("  \n ", NothingReason.Blank)]
    [InlineData("\nfoo();", NothingReason.NothingOnLine)]
    [InlineData("next();", NothingReason.RepeatsNextLine)]
    public async Task What_the_model_writes_in_vain_has_a_name(string written, object reason)
    {
        using var fixture = new SessionFixture(new ScriptedEngine(written));
        string drawn = (NothingReason)reason == NothingReason.RepeatsNextLine ? "║\nnext();" : "a = ║\nnext();";
        Assert.Equal(reason, await fixture.ReasonAsync(fixture.At(drawn)));
    }

    [Fact]
    public async Task A_failing_engine_is_a_reason_with_a_sentence()
    {
        using var fixture = new SessionFixture(new ScriptedEngine(_ => throw new EngineException("Out of memory; close something.")));
        var nothing = Assert.IsType<Nothing>(await fixture.CompleteAsync(fixture.At("a = ║")));
        Assert.Equal((NothingReason.DecodeFailed, "Out of memory; close something."), (nothing.Reason, nothing.Detail));
    }

    [Fact]
    public async Task A_model_that_does_not_load_is_a_state()
    {
        using var models = new ModelHost((_, _) => throw new EngineException("No model; install one."), new Listeners(Logger.None), Logger.None);
        models.Ensure(new EngineOptions());
        using var fixture = new SessionFixture(new ScriptedEngine("x"));
        var session = new CompletionSession(models, fixture.Documents, fixture.Listeners, TimeProvider.System, Logger.None);
        var nothing = Assert.IsType<Nothing>(await session.CompleteAsync(fixture.At("a = ║"), default));
        Assert.Equal((NothingReason.ModelFailed, "No model; install one."), (nothing.Reason, nothing.Detail));
        Assert.Equal(ModelState.Error, models.Status.State);
    }

    [Fact]
    public async Task While_the_model_loads_ghost_text_waits_and_lists_do_not()
    {
        using var loaded = new ManualResetEventSlim();
        using var models = new ModelHost((_, _) =>
        {
            loaded.Wait();
            return new ScriptedEngine("x");
        }, new Listeners(Logger.None), Logger.None);
        using var fixture = new SessionFixture(new ScriptedEngine("unused"));
        var session = new CompletionSession(models, fixture.Documents, fixture.Listeners, TimeProvider.System, Logger.None);
        models.Ensure(new EngineOptions());
        CompletionRequest request = fixture.At("a = ║");
        Task<CompletionOutcome> ghost = session.CompleteAsync(request, default);
        CompletionOutcome list = await session.CompleteAsync(request with { Source = CompletionSource.List }, default);
        Assert.Equal(NothingReason.ModelLoading, Assert.IsType<Nothing>(list).Reason);
        Assert.False(ghost.IsCompleted);
        loaded.Set();
        Assert.IsType<Suggestion>(await ghost);
    }

    [Fact]
    public async Task What_the_editors_list_would_insert_counts_as_typed()
    {
        var engine = new ScriptedEngine("(\"hi\");");
        using var fixture = new SessionFixture(engine);
        Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("console.║") with { Ahead = "log" }));
        Assert.Equal("console.log", engine.Requests[0].Prefix);
    }

    [Fact]
    public async Task Nothing_is_offered_before_it_is_known_whether_the_file_is_excluded()
    {
        var engine = new ScriptedEngine("secret");
        using var fixture = new SessionFixture(engine);
        foreach (string? reason in new[] { null, "It is excluded." })
        {
            var lookup = new TaskCompletionSource<string?>();
            Task<CompletionOutcome> answer = fixture.CompleteAsync(fixture.At("a = ║") with { ExclusionLookup = lookup.Task });
            Assert.False(answer.IsCompleted);
            lookup.SetResult(reason);
            if (reason is null) Assert.IsType<Suggestion>(await answer);
            else Assert.Equal((NothingReason.Excluded, reason), (Assert.IsType<Nothing>(await answer).Reason, ((Nothing)await answer).Detail));
        }
        Assert.Single(engine.Requests);

        using var cancel = new CancellationTokenSource();
        Task<CompletionOutcome> waiting = fixture.CompleteAsync(fixture.At("a = ║") with { ExclusionLookup = new TaskCompletionSource<string?>().Task }, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_document_out_of_step_gets_nothing()
    {
        using var fixture = new SessionFixture(new ScriptedEngine("x"));
        CompletionRequest request = fixture.At("a = ║");
        Assert.Equal(NothingReason.OutOfStep, await fixture.ReasonAsync(request with { Document = request.Document.OutOfStep() }));
    }
}
