using System.Collections.Immutable;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Which text of other files reaches a request, when, and which never does.</summary>
public sealed class ContextServiceTests : IDisposable
{
    private const string Cart = "export function totalOf(cart, discount) {\n  return cart.items - discount;\n}\n";

    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();
    private readonly CollectedLog log = new(); // a line for each selection
    private readonly DocumentStore documents = new(new Listeners(Logger.None));
    private readonly ContextService service;
    private readonly ModelSummary? model = null;
    private readonly ImmutableArray<string> roots;
    private ServerSettings settings = new() { Context = Tristate.Always };
    private int version;

    public ContextServiceTests()
    {
        roots = [folder.Uri];
        service = new ContextService(documents, () => model, () => null, time, log.Create());
    }

    public void Dispose()
    {
        service.Dispose();
        folder.Dispose();
    }

    private CompletionRequest Ask(string name, string drawn, string language = "typescript")
    {
        (string text, int offset) = Cursor.Split(drawn);
        var document = new TextDocument($"{folder.Uri}/{name}", language, ++version, text);
        documents.Open(document);
        return service.Prepare(new CompletionRequest
        {
            Document = document, Offset = offset, Trigger = CompletionTrigger.Automatic, Source = CompletionSource.Inline, Settings = settings,
        }, roots);
    }

    private IReadOnlyList<RelatedText> RelatedAfterPause(string name, string drawn, string language = "typescript")
    {
        Ask(name, drawn, language);
        time.Advance(ContextService.Pause);
        return Ask(name, drawn, language).Related;
    }

    [Fact]
    public void Each_source_finds_its_text()
    {
        folder.Write("lib/cart.ts", Cart);
        folder.Write("src/near.ts", "const discount = 1; const cart = discount; totalOf(cart);\n");
        documents.Open(new TextDocument($"{folder.Uri}/tab.ts", "typescript", 1, "let cart = totalOf(cart, discount);\n"));
        IReadOnlyList<RelatedText> related = RelatedAfterPause("src/a.ts", "import { totalOf } from '../lib/cart';\nconst cart = totalOf(║, discount);");
        Assert.Equal(3, related.Count);
        Assert.Contains(new RelatedText("lib/cart.ts", Cart.TrimEnd('\n')), related);
        Assert.Contains(related, text => text.Path == "src/near.ts");
        Assert.Contains(related, text => text.Path == "tab.ts");
    }

    [Fact]
    public void A_recent_edit_elsewhere_comes_first()
    {
        string filler = string.Concat(Enumerable.Repeat("unrelated();\n", 60));
        documents.Open(new TextDocument($"{folder.Uri}/b.ts", "typescript", 1, filler + "x\n" + filler));
        documents.Open(new TextDocument($"{folder.Uri}/c.ts", "typescript", 1, "let priceOf = cart.discount + other.discounts(more);\n"));
        RelatedAfterPause("a.ts", "priceOf(cart.discount, ║");
        documents.Open(new TextDocument($"{folder.Uri}/b.ts", "typescript", 2, filler + "let priceOf = cart.discount;\n" + filler));
        IReadOnlyList<RelatedText> related = RelatedAfterPause("a.ts", "priceOf(cart.discount, ║");
        Assert.Equal("b.ts", related[0].Path);
        Assert.Contains("let priceOf = cart.discount;", related[0].Text);
    }

    [Fact]
    public void Typing_changes_nothing_and_a_pause_only_what_is_out_of_date()
    {
        folder.Write("near.ts", Cart);
        Assert.Empty(Ask("a.ts", "totalOf(cart, ║").Related);
        time.Advance(TimeSpan.Zero); // the first selection does not wait for a pause
        IReadOnlyList<RelatedText> first = Ask("a.ts", "totalOf(cart, d║").Related;
        Assert.Single(first);
        foreach (string typed in new[] { "di", "dis", "disc" })
        {
            Assert.Same(first[0], Ask("a.ts", $"totalOf(cart, {typed}║").Related[0]);
            time.Advance(TimeSpan.FromMilliseconds(200));
        }
        time.Advance(ContextService.Pause);
        Assert.Same(first[0], Ask("a.ts", "totalOf(cart, disc║").Related[0]);
        Assert.Single(log.Lines); // the cursor is where it was, and nothing else was changed

        documents.Open(new TextDocument($"{folder.Uri}/b.ts", "typescript", 1, "totalOf(cart, discount, more);\n"));
        time.Advance(ContextService.Pause);
        Assert.Equal(2, log.Lines.Count);
        Assert.Equal(2, Ask("a.ts", "totalOf(cart, disc║").Related.Count);
        time.Advance(ContextService.Pause);
        Assert.Equal(0, time.Armed); // nothing ticks while nobody types
    }

    [Fact]
    public void A_jump_within_the_file_selects_anew()
    {
        folder.Write("near.ts", Cart);
        folder.Write("far.ts", "openConnection(host, port);\n");
        string lines = string.Concat(Enumerable.Repeat("\n", 80));
        Assert.Equal("near.ts", Assert.Single(RelatedAfterPause("a.ts", "totalOf(cart, discount, ║" + lines + "openConnection(host, port);")).Path);
        Assert.Equal("far.ts", Assert.Single(RelatedAfterPause("a.ts", "totalOf(cart, discount, " + lines + "openConnection(host, ║port);")).Path);
    }

    [Fact]
    public void Secrets_ignored_files_and_links_never_leave()
    {
        folder.Write(".gitignore", "generated.ts\n");
        folder.Write(".diffusionignore", "private/\n");
        folder.Write("generated.ts", Cart);
        folder.Write("private/p.ts", Cart);
        folder.Write("secrets.env.ts", Cart);
        folder.Write("elsewhere/real.txt", Cart);
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link.ts"), Path.Combine(folder.Path, "elsewhere/real.txt"));
        foreach (string open in new[] { "private/p.ts", "generated.ts", ".env" })
            documents.Open(new TextDocument($"{folder.Uri}/{open}", "typescript", 1, Cart));
        documents.Open(new TextDocument("file:///outside/o.ts", "typescript", 1, Cart));
        settings = settings with { Exclude = new FileList(["secrets.*.ts"]) };
        Assert.Empty(RelatedAfterPause("a.ts", "import './private/p';\nimport './generated';\ntotalOf(cart, discount║"));
        settings = settings with { Exclude = FileList.Empty };
        Assert.Equal("secrets.env.ts", Assert.Single(RelatedAfterPause("a.ts", "import './private/p';\ntotalOf(cart, discount║")).Path);
    }

    [Fact]
    public void What_was_selected_before_a_setting_excludes_it_never_leaves_again()
    {
        folder.Write("near.ts", Cart);
        Assert.Single(RelatedAfterPause("a.ts", "totalOf(cart, discount║"));
        settings = settings with { Exclude = new FileList(["near.ts"]) };
        Assert.Empty(Ask("a.ts", "totalOf(cart, discount║").Related);
        time.Advance(ContextService.Pause);
        Assert.Empty(Ask("a.ts", "totalOf(cart, discount║").Related);
    }

    [Fact]
    public void What_was_selected_before_an_ignore_file_names_it_leaves_with_the_next_pause()
    {
        int changes = 0;
        service.ExclusionsChanged += () => changes++;
        folder.Write("near.ts", Cart);
        Assert.Single(RelatedAfterPause("a.ts", "totalOf(cart, discount║"));
        folder.Write(".gitignore", "near.ts\n");
        Assert.Empty(RelatedAfterPause("a.ts", "totalOf(cart, discount║"));
        Assert.Equal(1, changes);
    }

    [Fact]
    public void An_excluded_file_is_refused_by_name()
    {
        Assert.Equal(".env is excluded by the pattern \"*.env\" (secrets, or setting diffusionLsp.exclude); add \"!.env\" to that setting to get completions in it.",
            Ask(".env", "KEY=║", "properties").Exclusion);
        Assert.Null(Ask("a.ts", "║").Exclusion);
    }

    [Theory]
    [InlineData(Tristate.Always, 512, 1)]
    [InlineData(Tristate.Never, 512, 0)]
    [InlineData(Tristate.Auto, 512, 0)] // no large model is loaded
    [InlineData(Tristate.Always, 0, 0)]
    public void The_settings_switch_it(object context, int tokens, int snippets)
    {
        folder.Write("near.ts", Cart);
        settings = new ServerSettings { Context = (Tristate)context, CrossFileTokens = tokens };
        Assert.Equal(snippets, RelatedAfterPause("a.ts", "totalOf(cart, discount║").Count);
        Assert.Equal(0, time.Armed - snippets); // switched off, it does not even look
    }

    [Theory]
    [InlineData("from .cart import total\n", "pkg/cart.py")]
    [InlineData("from ..util.money import total\n", "util/money.py")]
    [InlineData("import pkg.cart\n", "pkg/cart.py")]
    [InlineData("from lib import total\n", "lib/__init__.py")]
    public void Python_modules_are_found(string import, string expected)
    {
        folder.Write(expected, "def total(cart, discount):\n    return cart - discount\n");
        IReadOnlyList<RelatedText> related = RelatedAfterPause("pkg/a.py", import + "total(cart, discount║", "python");
        Assert.Contains(related, text => text.Path == expected);
    }

    [Fact]
    public void Folders_of_packages_use_nothing_up()
    {
        folder.Write(".gitignore", "node_modules/\n");
        for (int i = 0; i < 600; i++) folder.Write($"node_modules/p/f{i}.ts", Cart);
        folder.Write("src/deep/er/near.ts", Cart);
        Assert.Equal("src/deep/er/near.ts", Assert.Single(RelatedAfterPause("src/a.ts", "totalOf(cart, discount║")).Path);
    }

    [Fact]
    public void Broken_imports_and_files_do_no_harm()
    {
        folder.Write("binary.ts", "totalOf(cart, discount)\0\0");
        folder.Write("empty.ts", "");
        Directory.CreateDirectory(Path.Combine(folder.Path, "folder.ts"));
        Assert.Empty(RelatedAfterPause("a.ts", "import './missing';\nimport '../../../../etc/passwd';\nimport './folder';\ntotalOf(cart, discount║"));
    }
}
