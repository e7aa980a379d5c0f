using System.Reflection;
using System.Text.Json;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tests.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Each knob is declared once, keeps its default and its range, and changes what its decoder does.</summary>
public sealed class DecodeKnobsTests
{
    /// <summary>Name, default as JSON, range: what users may have in their settings and scripts. New knobs need no row.</summary>
    public static TheoryData<string, string, string> Stable => new()
    {
        { "decoder", "\"auto\"", "one of vanilla, " },
        { "tokensPerStep", "2", "a whole number from 1 to 256" },
        { "factor", "1", "a number from 0 to 16" },
        { "entropyBound", "0.1", "a number from 0 to 16" },
        { "threshold", "0.9", "a number from 0 to 1" },
        { "stableSteps", "2", "a whole number from 1 to 64" },
        { "filterPath", "\"\"", "a string" },
        { "filterThreshold", "0", "a number from 0 to 1" },
        { "apdWeight", "0.7", "a number from 0 to 1" },
        { "apdLookahead", "8", "a whole number from 1 to 1024" },
        { "apdWindow", "16", "a whole number from 1 to 4096" },
        { "apdMode", "\"coupled\"", "one of coupled, greedy" },
        { "apdVerifier", "\"same\"", "one of same, ngram, small" },
        { "endOfText", "\"confident\"", "one of never, committed, confident, published" },
        { "endOfTextFloor", "0.9", "a number from 0 to 1" },
        { "ngramCache", "true", "true or false" },
        { "cache", "\"prefix\"", "one of none, prefix, dual" },
        { "refreshEvery", "1", "a whole number from 1 to 64" },
        { "block", "8", "a whole number from 1 to 256" },
        { "lengthPolicy", "\"auto\"", "one of auto, fixed, calibrated, expand" },
        { "length", "64", "a whole number from 1 to 4096" },
        { "temperature", "0", "a number from 0 to 2" },
        { "seed", "0", "a whole number from -2147483648 to 2147483647" },
    };

    [Theory, MemberData(nameof(Stable))]
    public void Names_defaults_and_ranges_are_what_users_have_in_their_settings(string name, string value, string accepts)
    {
        Knob knob = Named(name);
        Assert.Equal(value, knob.Kind.Json(new DecodeOptions().Get(knob)));
        Assert.StartsWith(accepts, knob.Kind.Accepts); // names may come
        Assert.Equal(knob.Default, knob.Kind.Read(JsonElement.Parse(value)));
        Assert.Equal(knob.Default, knob.Kind.Read(value.Trim('"')));
    }

    [Fact]
    public void Every_knob_that_is_declared_is_registered_once()
    {
        IEnumerable<Knob> declared =
            from type in typeof(Knob).Assembly.GetTypes()
            from property in type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where typeof(Knob).IsAssignableFrom(property.PropertyType)
            select (Knob)property.GetValue(null)!;
        Assert.Equal(declared.Select(knob => knob.Name).Order(), DecodeKnobs.All.Select(knob => knob.Name).Order());
        Assert.Equal(DecodeKnobs.All.Count, DecodeKnobs.All.Select(knob => knob.Option).Distinct().Count());
        Assert.All(DecodeKnobs.All, knob => Assert.EndsWith(".", knob.Description));
        Assert.All(DecodeKnobs.All, knob => Assert.Matches("^--[a-z-]+$", knob.Option));
    }

    [Theory]
    [InlineData("factor", -0.01, "factor must be a number from 0 to 16, not '-0.01'.")]
    [InlineData("factor", 16.5, "factor must be a number from 0 to 16, not '16.5'.")]
    [InlineData("factor", double.NaN, "factor must be a number from 0 to 16, not 'NaN'.")]
    [InlineData("factor", 1, "factor must be a number from 0 to 16, not '1'.")] // a whole number's type
    [InlineData("stableSteps", 0, "stableSteps must be a whole number from 1 to 64, not '0'.")]
    [InlineData("apdVerifier", "large", "apdVerifier must be one of same, ngram, small, not 'large'.")]
    public void What_a_knob_does_not_accept_is_refused_in_one_sentence(string name, object value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => new DecodeOptions().With(Named(name), value)).Message);

    [Theory]
    [InlineData("factor", "16", true)]
    [InlineData("factor", "16.01", false)]
    [InlineData("factor", "x", false)]
    [InlineData("block", "256", true)]
    [InlineData("block", "257", false)]
    [InlineData("block", "1.5", false)]
    [InlineData("ngramCache", "off", true)]
    [InlineData("ngramCache", "maybe", false)]
    [InlineData("cache", "Dual", true)]
    [InlineData("cache", "1", false)]
    public void Text_is_read_within_the_range(string name, string text, bool accepted) => Assert.Equal(accepted, Named(name).Kind.Read(text) is not null);

    [Fact]
    public void What_was_given_is_cut_in_a_refusal_but_never_through_a_character()
    {
        string refusal = Named("factor").Kind.Refusal("factor", new string('x', 59) + "😀 and more\nof it");
        Assert.EndsWith(new string('x', 59) + "…", refusal);
        Assert.EndsWith("not a b", Named("factor").Kind.Refusal("factor", "a\nb"));
    }

    [Fact]
    public void Options_are_equal_where_their_values_are()
    {
        DecodeOptions one = new DecodeOptions { Length = 9 }.With(FactorPolicy.Factor, 2), other = new DecodeOptions().With(FactorPolicy.Factor, 2) with { Length = 9 };
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, other with { Length = 10 });
        Assert.NotEqual(one, other.With(FactorPolicy.Factor, 3));
        Assert.Equal(new DecodeOptions { Length = 9 }, one.With(FactorPolicy.Factor, 1)); // the default given is no other value
        Assert.Contains("factor 2, ", one.ToString());
    }

    public static TheoryData<string, string> OfPolicies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (PolicyRow row in CommitPolicies.Rows)
                foreach (Knob knob in row.Knobs.Where(knob => knob != FilterStore.FilterPath)) data.Add(row.Name, knob.Name);
            return data;
        }
    }

    [Theory, MemberData(nameof(OfPolicies))]
    public void A_knob_of_a_policy_changes_what_it_commits(string decoder, string name)
    {
        Knob knob = Named(name);
        object[] values = [.. new[] { "0", "0.2", "0.5", "0.8", "1", "3", "16", "64" }.Select(knob.Kind.Read).OfType<object>()];
        string[] written = [.. values.Select(value => Commits(new DecodeOptions { Decoder = decoder }.With(knob, value)))];
        Assert.True(values.Length > 2 && written.Distinct().Count() > 2, string.Join('\n', written));
    }

    [Fact]
    public void The_floor_reaches_its_rule()
    {
        int? Cut(double floor) => EndOfTextRules.Create(new DecodeOptions().With(ConfidentRule.Floor, floor)).Cut(Proposals.Of(0.5f, 0.6f), new Selection([]), id => id == 101);
        Assert.Equal((12, null), (Cut(0.6), Cut(0.7)));
    }

    [Fact]
    public void Weight_lookahead_and_mode_reach_the_adaptive_decoder()
    {
        DecodeOptions options = new DecodeOptions().With(AdaptiveDecoder.Weight, 0.25).With(AdaptiveDecoder.Lookahead, 3).With(AdaptiveDecoder.Mode, ApdMode.Greedy);
        var decoder = new AdaptiveDecoder(Causal.Task([1, 2], 20), readsText: true, options);
        Assert.Equal(2 + 3, decoder.Next()!.Sequence.Length);
        Assert.Null(decoder.Apply(Proposals.Of(0.5f, 0.5f, 0.5f)));
        Assert.Equal(new Verification(0.25, IsGreedy: true), decoder.Next()!.Verification);
    }

    [Fact]
    public void A_row_says_what_its_decoder_needs()
    {
        Assert.Equal([("learn2pd", FilterKind.Published), ("filter", FilterKind.Position)], Decoders.Rows.Where(row => row.Filter is not null).Select(row => (row.Name, row.Filter!.Value)));
        Assert.Equal("apd", Assert.Single(Decoders.Rows, row => row.NeedsVerifier).Name);
        Assert.Same(AdaptiveDecoder.Window, Assert.Single(Decoders.Rows, row => row.Window is not null).Window);
    }

    /// <summary>What the policy selects over several steps on random proposals, some of which stay the same.</summary>
    private static string Commits(DecodeOptions options)
    {
        var random = new Random(1);
        FilterKind kind = Decoders.RowOf(options).Filter ?? FilterKind.Position;
        ICommitPolicy policy = CommitPolicies.Create(options, new PolicyContext([1, 2, 3, 1, 2], id => id == 102, Filters.Filters.Random(kind, 50, random) with { Threshold = 0.6 }));
        return string.Join(" ", Enumerable.Range(0, 40).Select(step =>
        {
            Proposal[] proposals = [.. Enumerable.Range(0, 12).Select(i => new Proposal(10 + i, 100 + i + (random.Next(3) == 0 ? 1 : 0), random.NextSingle(), random.NextSingle(), random.NextSingle()))];
            return string.Join(',', policy.Select(proposals, new DecodeStep(10, 60, step)).Indices);
        }));
    }

    private static Knob Named(string name) => DecodeKnobs.All.Single(knob => knob.Name == name);
}
