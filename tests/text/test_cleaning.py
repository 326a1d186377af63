"""Titles, abstracts and comments on the way in."""

import pytest

from digest.text import clean_abstract, clean_comment, clean_name, clean_title


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"St\"uhmer", "Stühmer"),
        (r"S\'anchez-\'Ubeda", "Sánchez-Úbeda"),
        (r"\'{\i}", "í"),
        (r"na\"{\i}ve", "naïve"),
        (r"Nan{\c c}ay", "Nançay"),
        (r"Fran\c{c}ois", "François"),
        (r"Indr\.e \v{Z}liobait\.e", "Indrė Žliobaitė"),
        (r"Erd\H{o}s, Dvo\v r\'ak", "Erdős, Dvořák"),
        (r"\.{I}smail, B{\i}y{\i}k", "İsmail, Bıyık"),
        (r"B\h{a}o, Ng{\^o}, \'{\^e}", "Bảo, Ngô, ế"),
        (r"{\L}ukasz, \L{}ukasz, \L ukasz, Pawe\l", "Łukasz, Łukasz, Łukasz, Paweł"),
        (r"S{\o}ren, Gro{\ss}, {\AE}r{\oe}, Bjart{\th}h\'or", "Søren, Groß, Ærœ, Bjartþhór"),
        (r"6563 \AA line, 0.2V/{\AA}", "6563 Å line, 0.2V/Å"),
        (r"Id\.{\i}l, \~{n} \'g \"z", r"Idil, ñ ǵ \"z"),
        (r"\b{C}oupled \c{opyright} 2026", "Coupled © 2026"),
        (r"{Schr{\"o}dinger}", "Schrödinger"),
    ],
)
def test_accents_and_letters(raw, clean):
    assert clean_title(raw) == clean
    assert clean_name(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"\emph{a} \textbf{b \textit{c}} {\bf d} {\it e\/} \textsc{f}", "a b c d e f"),
        (r"criterion ~\cite{be85} holds, see \ref{fig:1}", "criterion [be85] holds, see [fig:1]"),
        (r"\href{https://a.org/x\_y}{code}", "code (https://a.org/x_y)"),
        (r"\href{https://a.org}{https://a.org}", "https://a.org"),
        (r"\textcolor{blue}{\href{https://a.org/b}{a.org/b}}", "https://a.org/b"),
        (r"\url{https://a.org/~me}", "https://a.org/~me"),
        (r"\begin{itemize}\item one \item two\end{itemize}", "• one • two"),
        (r"\ding{172}\ding{182} first, \ding{51} \ding{99}", r"①❶ first, ✓ \ding{99}"),
        (r"step \romannumeral4", "step iv"),
        (r"LEGO\textsuperscript{\textregistered}, 10\textsuperscript{3}, 5-HT\textsubscript{1A}", "LEGO®, 10³, 5-HT_{1A}"),
        (r"\SI{18}{\km} at \qty{90}{\degree} and \ce{H2O}", "18 km at 90° and H2O"),
        (r"1250\degree and {\tau}-Bench, 1.79\times", "1250° and τ-Bench, 1.79×"),
        (r"an \enquote{idea} \uppercase{now}", "an “idea” NOW"),
        (r"text\footnote{a note}", "text (a note)"),
        (r"\footnote{never closed", "(never closed"),
        (r"\label{x}\vspace{2em}a \ensuremath{x^2}", "a $x^2$"),
        (r"\revise{two words} but \mytool{v2}", r"two words but \mytool{v2}"),
        (r"\ours{} and \method are", r"\ours and \method are"),
        (r"{60}{\%} and 38{+} of 10{,}000", "60% and 38+ of 10,000"),
        ("actions {UPDATE, DELETE} stay, {quantum learning} too", "actions {UPDATE, DELETE} stay, quantum learning too"),
        ("J.~P.~Serre at z~4 of ~5 Gyr, 0%~20%, x ~ y", "J. P. Serre at z~4 of ~5 Gyr, 0%~20%, x ~ y"),
        ("``a'' and ``b\" but 'c' and `d'", "“a” and “b” but 'c' and ‘d’"),
        ("1--2 a---b and --flag <!-- x -->", "1–2 a—b and --flag <!-- x -->"),
        (r"a\,b\ c\; d\\ e", "a b c d e"),
        (r"C:\new\path and \d+", r"C:\new\path and \d+"),
        (r"\href{}{x} \href{https://a.org}", r"x \href{https://a.org}"),
        ("{" * 20 + "deep" + "}" * 20, "{" * 20 + "deep" + "}" * 20),
        (r"\cite{}\ref{} a \textbackslash\ b", r"a \textbackslash b"),
        (r"a\quad b \mymark{two words} \v{Skoda}", "a b two words Škoda"),
        (r"\H and \c alone", r"\H and \c alone"),
    ],
)  # fmt: skip
def test_text_commands(raw, clean):
    assert clean_title(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"50\% of \$5 \& \#1 a\_b", "50% of $5 & #1 a_b"),
        (r"\$0.07 and a \$900 bounty", "$0.07 and a $900 bounty"),
        (r"\$x_1\$", r"\$x_1\$"),
        (r"f\{x\}", r"f\{x\}"),
        (r"\{a, b\}", "{a, b}"),
        ("R&amp;D at p &lt; 0.05 &eacute; &#8217; &nbsp;x", "R&D at p < 0.05 é ’ x"),
        ("&amp;lt; and &#0; and &unknown;", "&amp;lt; and &#0; and &unknown;"),
        ("Ã©tude", "Ã©tude"),
    ],
)
def test_money_escapes_and_entities(raw, clean):
    assert clean_comment(raw) == clean
    assert clean_comment(clean) == clean


@pytest.mark.parametrize(
    "math",
    [
        r"$\'e$",
        r"$a~b$",
        r"\(x--y\)",
        r"$$\emph{x}$$",
        r"\begin{align}a&=b\\c&=d\end{align}",
        r"$50\%$",
        r"$\text{a $b$ c}$",
    ],
)
def test_math_is_left_alone(math):
    assert clean_title(f"so {math} --- so") == f"so {math} — so"


def test_paragraphs_start_after_indented_lines_only():
    raw = "First\nline.\n  Second\n paragraph.\n\n\nThird.  \n  - item"
    assert clean_abstract(raw) == "First line.\n\nSecond paragraph.\n\nThird.\n\n- item"
    assert clean_title(raw) == "First line. Second paragraph. Third. - item"
    assert clean_abstract(r"a\par b") == "a\n\nb"


def test_indented_lines_inside_displayed_math_are_no_paragraphs():
    assert clean_abstract("We show\n  \\[\n  x = 1,\n  \\]\nalways.") == "We show\n\n\\[ x = 1, \\] always."


@pytest.mark.parametrize("raw", ["", " ", "\n\n", "\t", "\u200b", "\u00a0"])
def test_nothing_stays_nothing(raw):
    assert clean_abstract(raw) == clean_title(raw) == ""


def test_more_formulas_than_placeholders_lose_nothing():
    many = "$x$ " * 66_000 + "https://a.org"
    assert clean_title(r"\'e " + many) == "é " + many


def test_zero_is_a_title():
    assert clean_title("0") == "0"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"\textbf{\it Fast} trees", "Fast trees"),
        (r"\emph{\bf Lumo}: a kit", "Lumo: a kit"),
        (r"\mbox{\rm Li} cells, \mbox {\rm Na}", "Li cells, Na"),
        (r"\underline{\bf x} y, \textcolor{red}{\bf x} y", "x y, x y"),
        (r"\href{https://a.org}{\it site}\footnote{\tt b}", "site (https://a.org) (b)"),
        (r"\emph{{\bf x}} {\bf \emph{y}} {\it {\bf z}}", "x y z"),
        (r"T_{\rm eff} and x^{\rm max}", "T_{eff} and x^{max}"),
    ],
)
def test_a_font_switch_leaves_a_command_its_braces(raw, clean):
    assert clean_title(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"The \frac{1}{3} rule, \nicefrac{2}{5}", "The 1/3 rule, 2/5"),
        (r"[\ion{C}{iv}] emission", "[C IV] emission"),
        (r"\binom{n}{k} choices", "(n choose k) choices"),
        (
            r"\texorpdfstring{$\alpha$}{alpha} decay, O(\sqrt{n}\log n), n\log\log n",
            "alpha decay, O(√n log n), n log log n",
        ),
        (r"{\cal N}=4, \textcommabelow{s}i k\t oo", "N=4, și ko͡o"),
        (r"decay to \nu\bar\nu pairs", "decay to νν̄ pairs"),
        (r"\tilde\chi, \hat{\sigma}, \vec x and \bar{B}^0", "χ̃, σ̂, x⃗ and B̄^0"),
        (r"at 90^{\circ} and 45^\circ", "at 90° and 45°"),
        (r"\sqrt\alpha, \sqrt[3]{x}, \not\in, \mathcal{O}(n)", "√α, ∛x, ∉, 𝒪(n)"),
        (r"\frac{\alpha}{\beta} of \cancel{E}, O(e^{-\sqrtβt})", "α/β of E̸, O(e^{-√βt})"),
    ],
)
def test_formulas_without_dollars_are_shown(raw, clean):
    assert clean_title(raw) == clean


@pytest.mark.parametrize(
    "text",
    [
        r"\mytool{v1}{beta}: a tool",
        r"\mytool{two words}{beta}: a tool",
        r"\mytool[x]{a}{b}{c}",
        r"\mytool{\alpha} and \mytool{Poincar\'e}",
        r"\mytool{a}{\emph{b c}}",
        r"\hat{\mytool} and \frac{\mytool}{2}",
        r"\frac12",
        r"\genfrac{}{}{0pt}{}{n}{k} and \mytool{$\alpha$}{x}",
    ],
)
def test_what_nobody_knows_stays_whole(text):
    assert clean_title(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"T\r uma, Ph\d am, \r Aland, Poincar\' e", "Tůma, Phạm, Åland, Poincaré"),
        (r"the \d and \w classes, said\" or", r"the \d and \w classes, said\" or"),
        (r"\'\ae\'{\o} \=\i \'{\alpha} \v{\i}", "ǽǿ īά ǐ"),
        (r"na\"{ı}ve", "naïve"),
        (r"\O stergaard, \L ukasz, \AE r\o, \.Istanbul, \c Sahin, \u Gul, \th orn, \aa sa", "Østergaard, Łukasz, Ærø, İstanbul, Şahin, Ğul, þorn, åsa"),
        (r"\textquotedblleft a\textquotedblright{} \guillemotleft b\guillemotright, \pounds 5", "“a” «b», £5"),
        (r"line\\[2pt]next\\*[-1.5em] one", "line next one"),
        (r"H{\sc i}, H~{\sc ii}, [O\,{\sc iii}], N\textsc{v}, D{\sc esi}", "HI, H II, [O III], NV, DESI"),
        (r"\textsc{runs} of {\sc Galform} and {\sc vi}", "runs of Galform and vi"),
    ],
)  # fmt: skip
def test_letters_after_blanks_and_small_capitals(raw, clean):
    assert clean_title(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"A. \AA berg", "A. Åberg"),
        (r"\AA sa Roe", "Åsa Roe"),
        (r"The \AA rhus group", "The Århus group"),
        (r"a 2.5~\AA resolution map", "a 2.5 Å resolution map"),
        (r"$3.2$~\AA map", "$3.2$ Å map"),
        (r"2.5\,\AA resolution, 10-\AA resolution, 5\AA wide", "2.5 Å resolution, 10-Å resolution, 5Å wide"),
        (r"0.2 V/\AA field, a few \AA wide, per \AA of", "0.2 V/Å field, a few Å wide, per Å of"),
        (r"5 \AA wide, 2.5 {\AA} map, 2 \AA{} map", "5 Å wide, 2.5 Å map, 2 Å map"),
    ],
)
def test_the_unit_stands_behind_a_number(raw, clean):
    assert clean_name(raw) == clean
