"""Clean text on the way out."""

import pytest
from lxml import etree

from digest.config.views import MathMode
from digest.text import math_spans, to_html, to_html_paragraphs, to_markdown, to_plain


@pytest.mark.parametrize(
    "text",
    [
        "from $5 million to $10 million",
        "between $5-$10 and US$20",
        "$100K-$1M, $5, $10 and $20",
        "an unbalanced $ sign",
        "a $5 fee and the $ sign",
        "${7*7} and $ $",
        r"\$5 and \$6",
        r"\( never closed",
        "see $ word $ here",
        r"$\text{ $ $ $ $ $ $",
        "$the whole of it, and more$",
        r"\begin{equation} never closed",
    ],
)
def test_money_is_no_math(text):
    assert math_spans(text) == []
    assert to_plain(text) == text.replace("\\$", "$")


def test_math_after_money_is_found():
    text = r"a $5 fee, where $x_1$ and $n$ cost $10 of \(y\)"
    assert [span.tex for span in math_spans(text)] == ["x_1", "n", "y"]


@pytest.mark.parametrize(
    "tex", ["at", "a", "ab initio", "n", "10", "1/3", "A\\ B", "x=1", "0, 1", " x ", "\\text{if and only if } x"]
)
def test_short_math_is_math(tex):
    assert [span.tex for span in math_spans(f"so ${tex}$, so")] == [tex.strip()]


def test_text_is_escaped_once():
    assert to_html("1 < 2 & &lt; ]]>") == "1 &lt; 2 &amp; &amp;lt; ]]&gt;"
    assert to_html("$0<r<1$ stays <b>whole</b>") == "0 &lt; <em>r</em> &lt; 1 stays &lt;b&gt;whole&lt;/b&gt;"


def test_paragraphs():
    assert to_html_paragraphs("a\n\nb $x$") == "<p>a</p><p>b <em>x</em></p>"
    assert to_html_paragraphs("") == ""


def test_the_mode_is_obeyed():
    text = r"$x_1$ and $\binom{n}{k}$ and $\begin{matrix}a&b\end{matrix}$"
    assert to_html(text, MathMode.TEX) == text.replace("&", "&amp;")
    assert to_html(text, MathMode.MATHML).count("<math>") == 3
    assert to_html(text, MathMode.AUTO).startswith("<em>x</em>₁ and <math>")
    shown = to_html(text, MathMode.UNICODE)
    assert "<math" not in shown
    assert "(<em>n</em> choose <em>k</em>)" in shown
    assert r"$\begin{matrix}a&amp;b\end{matrix}$" in shown


@pytest.mark.parametrize(
    "tex",
    [
        r"\unknown x", r"\frac{a}", r"{a", r"a}", r"a & b", r"\left( a", r"\left\foo a\right)", r"x^a^b", r"x_a_b", r"\begin{foo}a\end{foo}",
        r"\begin{matrix}a\end{pmatrix}", r"\text{a \foo b}", r"\text{$x}", r"\unicode{x0}", r"\unicode{zz}", r"\not{ab}", r"\SI{5}{\foo}",
        r"\substack a", "{" * 50 + "a" + "}" * 50, "x+" * 1000, r"{\left( a}", r"\begin{matrix} a } b \end{matrix}", r"\href{u}{x}",
    ],
)  # fmt: skip
def test_what_cannot_be_read_stays_tex_whole(tex):
    text = f"so \\({tex}\\) so"
    assert to_plain(text) == text
    for mode in (MathMode.AUTO, MathMode.UNICODE, MathMode.MATHML):
        assert etree.fromstring(f"<p>{to_html(text, mode)}</p>".encode()).text == text


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\sqrt[3]{x+y} \sqrt[n]{x} \sqrt{\sqrt x}", "∛(x + y)ⁿ√x√√x"),
        (r"\frac12 x + x\frac{1}{n}", "½x + x(1/n)"),
        (r"\overline{ab}\,\bar x_i \hat{\imath}", "a̅b̅ x̄ᵢı̂"),
        (r"{a \over b} {n \choose k}", "(a/b)(n choose k)"),
        (r"\left.\frac{df}{dx}\right|_{x=0}", "df/(dx)|_(x=0)"),
        (r"A \xrightarrow{f} B \overset{*}{\to} C", "A →^f B →^* C"),
        (r"x_{\substack{i<j\\k}}", "x_(i<j, k)"),
        (r"\operatorname{rank} A = \operatorname*{arg\,max}_x f", "rank A = arg maxₓ f"),
        (r"\ket{\psi}\bra{\phi}, \abs{x}, \norm{x}_2", "|ψ⟩⟨ϕ|, |x|, ‖x‖₂"),
        (r"10\,\si{\km} \num{5} \SI{1.5e3}{\hertz}", "10 km51.5 × 10³ Hz"),
        (r"\mathbf{Mamba}\ \mathbf x \mathtt{ab} \bm\theta", "Mamba 𝐱ab𝜽"),
        (r"\textcolor{red}{x}\phantom{y}\hspace{1em}z\label{e}", "x z"),
        (r"a\bmod b, c\pmod d \mod 2", "a mod b, c (mod d) mod 2"),
        (r"\unicode{x2014}\unicode{8212}", "——"),
        (r"f'' g''' h'^2 90^\circ x^\dagger", "f″g‴h^(′2)90°x†"),
        (r"\text{a--b $x_1$} \textbf{V} \mbox{if }x", "a–b x₁𝐕if x"),
        (r"\begin{align}a &= b\end{align}", "a = b"),
        (r"\rm km\ s^{-1} SNR", "km s⁻¹SNR"),
        (r"1:2 \colon x: y", "1:2: x : y"),
        (r"\mathbb{1}\mathcal{ab}\mathfrak{C}\mathbb{R}", "𝟙𝒶𝒷ℭℝ"),
        (r"\{x \mid x>0\} \not= \emptyset", "{x ∣ x > 0} ≠ ∅"),
        (r"7.4% \& \# \_", "7.4%&#_"),
        (r"\int_0^\infty \log x\,dx", "∫₀^∞ log x dx"),
        (r"M_{BH}c^2 + \sqrt[\mathrm n]{x}", "M_BH c² + ⁿ√x"),
        (r"a \\ b \boxed{c} \gimel \leftturn", None),
        (r"a \\ b \boxed{c} \textlnot", "a bc¬"),
        (r"(\frac{a}{b})^2 + \frac{a}{b}^2 \left.\right. {}", "(a/b)² + ((a/b)²)".replace("((a/b)²)", "(a/b)²")),
        (r"\left\lbrace x \middle/ y \right\rbrace \overbrace{a}", None),
        (r"\left\lbrace x \middle/ y \right\rbrace", "{x / y}"),
        (r"\left\{ \frac{\left(a\right)}{b} \right\}, |\bar{x_i}|\!\boldsymbol\Sigma", "{(a)/b}, |x̄ᵢ|𝜮"),
        (r"\sum\limits_i \text a \operatorname{a^b} \sqrt{\frac{a}{b}}", "∑ᵢ aa^b√(a/b)"),
        (r"\underbrace{a}_b", None),
        (r"\widehat{AB}", None),
        (r"\sqrt[\alpha]{x}", None),
        (r"{a \atop b}", "a, b"),
    ],
)  # fmt: skip
def test_plain_math(tex, plain):
    assert to_plain(f"\\({tex}\\)") == (plain if plain is not None else f"\\({tex}\\)")


@pytest.mark.parametrize(
    ("tex", "tags"),
    [
        (r"\sqrt[3]{x}", "math mroot mi mn"),
        (r"\hat x_i^2", "math msubsup mover mi mo mi mn"),
        (r"\underline{x}", "math munder mi mo"),
        (r"\left( \frac ab \right.", "math mrow mo mfrac mi mi"),
        (r"\underbrace{a}_b", "math munder munder mi mo mi"),
        (r"\overset{a}{\underset{b}{c}}", "math mover munder mi mi mi"),
        (r"\xrightarrow[a]{b}", "math munderover mo mi mi"),
        (r"\text{ a }\quad n\log n\sin^2 x", "math mtext mspace mi mspace mi mspace mi mspace msup mi mn mspace mi"),
        (r"\overbrace{a+b}", "math mover mrow mi mo mi mo"),
        (r"\begin{array}{cc} a & b \end{array}", "math mtable mtr mtd mi mtd mi"),
        (r"\sqrt{\frac{\hat{a}}{\left(b\right)}}", "math msqrt mfrac mover mi mo mrow mo mi mo"),
        (r"{}^{13}\mathrm{C}\mathrm{km}", "math msup mrow mn mi"),
    ],
)
def test_mathml(tex, tags):
    tree = etree.fromstring(to_html(f"${tex}$", MathMode.MATHML).encode())
    assert " ".join(element.tag for element in tree.iter()) == tags


@pytest.mark.parametrize(
    "tex",
    [
        r"\sqrt{\frac{a}{b}}", r"\frac{\sqrt[3]{x}+\frac12}{\hat{a}}", r"\frac{\sqrt{x}+\sqrt{y}+abcdefghi}{2}", r"\sqrt{\stackrel{a}{b}}",
        r"\sqrt{\sqrt{x}}", r"\sqrt{\left(\begin{matrix}a\end{matrix}\right)}", r"\frac{\overset{a}{b}}{c}", r"\binom{n}{k}",
    ],
)  # fmt: skip
def test_what_a_line_would_misrepresent_becomes_mathml(tex):
    assert to_html(f"${tex}$").startswith("<math>")


def test_displayed_math_sets_limits_below_and_above():
    shown = to_html(r"\[ \sum_{i}^n \lim_{x} \prod^n \]")
    assert shown.startswith('<math display="block"><munderover>')
    assert "<munder>" in shown
    assert "<mover>" in shown


def test_markdown_means_nothing_but_itself():
    text = r"# *a* [x](y) <b> a_b _c_ $x<y$ costs $5 `z` ~w~ | &amp; \(u>v\) https://a.org/x_y_"
    assert to_markdown(text) == (
        r"\# \*a\* \[x\](y) \<b\> a_b \_c\_ $x\lt y$ costs \$5 \`z\` \~w\~ \| \&amp; $u\gt v$ https://a.org/x_y_"
    )
    assert to_markdown("- a\n\n1. b\n\n1999 c\n\n===") == "\\- a\n\n1\\. b\n\n1999 c\n\n\\==="


def test_scripts_outside_math_are_set_where_that_is_safe():
    assert (
        to_plain("10^{-14}, O(N^2), CO_{2}, x^{th}, r^{a+b}, a_1, 2^3^4")
        == "10⁻¹⁴, O(N²), CO₂, x^th, r^(a+b), a_1, 2^3^4"
    )
    assert to_html("H^{s} and x_{0.9}") == "H<sup>s</sup> and x<sub>0.9</sub>"
