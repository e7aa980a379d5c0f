using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Tests.Completion.Syntax;

/// <summary>Which names a line of code defines; members, which may be used anywhere, with a plus sign.</summary>
public sealed class DefinitionsTests
{
    [Theory]
    [InlineData("typescript", "const total = a + b;", "total")]
    [InlineData("typescript", "let { a, b } = options;", "a b")]
    [InlineData("typescript", "export async function load(path) {", "+load")]
    [InlineData("typescript", "function* each() {", "+each")]
    [InlineData("typescript", "  async next() {", "+next")]
    [InlineData("typescript", "  if (ready) {", "")]
    [InlineData("typescript", "  switch (kind) {", "")]
    [InlineData("typescript", "import { a, b as c } from    ;", "+a +b +c")] // strings are blank here
    [InlineData("typescript", "total = 1;", "")] // defined elsewhere
    [InlineData("python", "def area(w, h):", "+area")]
    [InlineData("python", "import os", "+os")]
    [InlineData("python", "from a.b import c, d", "+c +d")]
    [InlineData("python", "a, b = f()", "a b")]
    [InlineData("python", "total = 1", "total")]
    [InlineData("python", "total == 1", "")]
    [InlineData("python", "x: int = 1", "+x")] // an attribute of its class
    [InlineData("python", "self.x = 1", "")]
    [InlineData("python", "f(a=1)", "")]
    [InlineData("go", "a, err := g()", "a err")]
    [InlineData("go", "func (r *Ring) Next() int {", "+Next")]
    [InlineData("rust", "let mut i = 0;", "i")]
    [InlineData("csharp", "private readonly int count = 0;", "count")]
    [InlineData("csharp", "public List<int> All() => [];", "+All")]
    [InlineData("csharp", "int[] sums = new int[3];", "sums")]
    [InlineData("csharp", "using Stream stream = Open();", "stream")]
    [InlineData("csharp", "return value;", "")]
    [InlineData("csharp", "using System;", "")]
    [InlineData("markdown", "let it = be", "")]
    public void In_a_line(string language, string code, string expected) =>
        Assert.Equal(expected, string.Join(' ', Definitions.In(code, Lexicon.Of(language)).Select(d => (d.IsMember ? "+" : "") + d.Name)));

    [Fact]
    public void A_keyword_argument_on_a_line_of_its_own_defines_nothing() =>
        Assert.Empty(Definitions.In("f(\n    a=1,\n    b=2,\n)", Lexicon.Of("python")));
}
