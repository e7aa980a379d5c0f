using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Whether a text may replace a selection (between ├ and ┤).</summary>
public class RefillCheckTests
{
    private static (NothingReason Reason, string Sentence)? Refusal(string language, string selected, string text)
    {
        string[] parts = selected.Split('├', '┤');
        return RefillCheck.Refusal(parts[0], parts[1], text, parts[2], language);
    }

    [Theory]
    [InlineData("typescript", "foo(├a, b┤);\n", "b")]
    [InlineData("typescript", "f(() => {\n  ├a();\n  b();┤\n});\n", "c(x => {\n    d();\n  });")]
    [InlineData("typescript", "├a(┤;\n", "a();")] // better than it was
    [InlineData("typescript", "a = ├'it'┤;\n", "`it ${(b)}`")]
    [InlineData("typescript", "const s = ├\"(\"┤;\n", "\"[\"")]
    [InlineData("python", "├x = [\n    1,\n]┤\nprint(1)\n", "x = (1,)")]
    [InlineData("python", "├a = 1 # don't (┤\n", "a = 2")]
    [InlineData("markdown", "├one (two)┤ three\n", "one (two")]
    [InlineData("csharp", "class C\n{\n    ├int a;\n    int b;┤\n}\n", "int a, b;")]
    public void It_balances(string language, string selected, string text) => Assert.Null(Refusal(language, selected, text));

    [Theory]
    [InlineData("typescript", "foo(├a, b┤);\n", "a, b)")]
    [InlineData("typescript", "foo(├a, b┤);\n", "(a")]
    [InlineData("typescript", "├foo(a, b);┤\nbar();\n", "foo(a")]
    [InlineData("typescript", "a = ├'it'┤;\n", "'it")]
    [InlineData("typescript", "├a();\nb();┤\nc();\n", "a('x);\nb();")]
    [InlineData("python", "├x = 1┤\nprint(x)\n", "x = \"\"\"1")]
    [InlineData("go", "├x := 1┤\nf(x)\n", "x := 1 /* one")]
    public void It_leaves_something_open(string language, string selected, string text) =>
        Assert.Equal((NothingReason.Unbalanced, "Selection kept: the new text leaves a bracket or quote open."), Refusal(language, selected, text)!.Value);

    [Theory]
    [InlineData("typescript", "function f() {\n  ├const total = 1;\n  log();┤\n  return total;\n}\n", "log();", "'total'")]
    [InlineData("typescript", "function f(o) {\n  ├const { a, b } = o;┤\n  return a + b;\n}\n", "use(o);", "'a', 'b'")]
    [InlineData("typescript", "├function g() {}┤\nfunction f() { return g(); }\n", "const h = 1;", "'g'")]
    [InlineData("typescript", "class A {\n  f() { return this.g(); }\n  ├g() {\n    return 1;\n  }┤\n}\n", "h() {\n    return 1;\n  }", "'g'")]
    [InlineData("typescript", "├import { a } from 'b';\n┤\na();\n", "import { c } from 'd';\n", "'a'")]
    [InlineData("python", "def f(a):\n    ├b = a\n    c = b┤\n    return c\n", "b = a", "'c'")]
    [InlineData("python", "├import os\nimport sys┤\n\nprint(os.name)\n", "import sys", "'os'")]
    [InlineData("python", "class A:\n    ├x: int\n    y: int┤\n\n    def f(self):\n        return self.x\n", "y: int", "'x'")]
    [InlineData("python", "├a, b = 1, 2┤\nprint(a, b)\n", "pass", "'a', 'b'")]
    [InlineData("csharp", "class C\n{\n    ├private int count = 0;┤\n\n    public int Next() => this.count++;\n}\n", "private int total = 0;", "'count'")]
    [InlineData("csharp", "class C\n{\n    int A() => B<int>();\n\n    ├List<int> B<T>() => [];\n    string S() { return \"\"; }┤\n    string T() => S();\n}\n", "List<int> B<T>() => [];", "'S'")]
    [InlineData("java", "class C {\n    void f() {\n        ├int a = 1;\n        int[] b = {};┤\n        g(a, b);\n    }\n}\n", "int a = 1;", "'b'")]
    [InlineData("go", "func f() {\n\t├a, err := g()┤\n\tif err != nil {\n\t\treturn a\n\t}\n}\n", "a := g()", "'err'")]
    [InlineData("go", "├func (s *Stack) Push(v int) {\n}┤\n\nfunc f(s *Stack) { s.Push(1) }\n", "type T int", "'Push'")]
    [InlineData("rust", "fn f() {\n    ├let mut a = 1;┤\n    a += 1;\n}\n", "g();", "'a'")]
    [InlineData("php", "<?php\nfunction f() {\n    ├$a = 1;┤\n    return $a;\n}\n", "g();", "'a'")]
    [InlineData("typescript", "├let a, b;\nlet c; let d; let e;┤\nuse(a, c, d, e);\n", "f();", "'a', 'c', 'd' and others")]
    public void It_leaves_out_what_the_rest_uses(string language, string selected, string text, string names) =>
        Assert.Equal((NothingReason.DropsNames, $"Selection kept: the new text drops {names}, used elsewhere."), Refusal(language, selected, text)!.Value);

    [Theory]
    [InlineData("typescript", "function f() {\n  ├const total = 1;┤\n  return 1;\n}\nconst total = 2;\nlog(total);\n", "log();")] // another's
    [InlineData("typescript", "function f() {\n  ├const total = 1;┤\n  return o.total;\n}\n", "log();")] // a property
    [InlineData("typescript", "function f() {\n  ├const total = 1;┤\n  return 'total'; // total\n}\n", "log();")]
    [InlineData("typescript", "function f() {\n  ├const total = 1;┤\n}\n\nfunction g(total) {\n  return total;\n}\n", "log();")]
    [InlineData("typescript", "function f() {\n  ├total = 1;┤\n  return total;\n}\n", "log();")] // no definition
    [InlineData("typescript", "function f() {\n  ├print(a);┤\n  print(b);\n}\n", "log(a);")] // a call
    [InlineData("python", "def f(total):\n    ├total = total or 1┤\n    return total\n", "pass")] // a parameter
    [InlineData("python", "def f():\n    total = 0\n    ├total = 1┤\n    return total\n", "pass")]
    [InlineData("python", "f(\n    ├a=1,┤\n    b=2,\n)\na = 2\nprint(a)\n", "c=1,")] // an argument's name
    [InlineData("csharp", "class C\n{\n    void F(int limit)\n    {\n        ├if (a > limit) return;┤\n        G(limit);\n    }\n}\n", "H();")]
    [InlineData("csharp", "class C\n{\n    void F(int limit)\n    {\n        ├return new Foo(limit);┤\n        Foo(limit);\n    }\n}\n", "H();")]
    public void What_is_left_out_is_no_loss(string language, string selected, string text) => Assert.Null(Refusal(language, selected, text));
}
