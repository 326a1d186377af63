r"""Math commands and what they print, by TeX's classes; letters in other alphabets.

The tables hold what abstracts use; rarer symbols are looked up in pylatexenc's, which is loaded only then.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from digest.text.text_tables import names


def _table(words: str) -> dict[str, str]:
    parts = words.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


ORDINARY: Final = _table(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ "
    "lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ "
    "chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω Alpha Α "
    "Beta Β Epsilon Ε Zeta Ζ Eta Η Iota Ι Kappa Κ Mu Μ Nu Ν Rho Ρ Tau Τ Chi Χ digamma ϝ "
    "upmu μ upalpha α upbeta β upgamma γ updelta δ upepsilon ε uplambda λ uppi π uprho ρ upsigma σ uptau τ upphi φ "
    "upchi χ upomega ω varGamma 𝛤 varDelta 𝛥 varTheta 𝛩 varLambda 𝛬 varXi 𝛯 varPi 𝛱 varSigma 𝛴 varPhi 𝛷 varPsi 𝛹 "
    "varOmega 𝛺 infty ∞ partial ∂ nabla ∇ hbar ℏ hslash ℏ ell ℓ wp ℘ Re ℜ Im ℑ imath ı jmath ȷ aleph ℵ beth ℶ gimel ℷ "
    "daleth ℸ forall ∀ exists ∃ nexists ∄ emptyset ∅ varnothing ∅ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ measuredangle ∡ "
    "triangle △ triangledown ▽ blacktriangle ▲ blacktriangledown ▼ square □ Box □ blacksquare ■ Diamond ◇ lozenge ◊ "
    "blacklozenge ⧫ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ sharp ♯ flat ♭ natural ♮ prime ′ backprime ‵ "
    "surd √ degree ° celsius °C checkmark ✓ maltese ✠ dag † ddag ‡ S § P ¶ pounds £ yen ¥ copyright © circledR ® circledS Ⓢ "
    "ldots … dots … dotsc … dotso … dotsb ⋯ dotsm ⋯ dotsi ⋯ cdots ⋯ vdots ⋮ ddots ⋱ mho ℧ eth ð complement ∁ "
    "Finv Ⅎ Game ⅁ Bbbk 𝕜 bigstar ★ AA Å aa å L Ł l ł o ø O Ø ae æ AE Æ oe œ OE Œ ss ß i ı j ȷ "
    "Msun M⊙ msun M⊙ MSUN M⊙ Lsun L⊙ lsun L⊙ Rsun R⊙ rsun R⊙ sun ☉ earth ♁ "
    "R ℝ N ℕ Z ℤ Q ℚ C ℂ RR ℝ NN ℕ ZZ ℤ QQ ℚ CC ℂ FF 𝔽 EE 𝔼 PP ℙ reals ℝ Reals ℝ "
    "micron μm percent % euro € textdegree ° textmu μ textmugreek μ texttildelow ~ textasciitilde ~"
)

BINARY: Final = _table(
    "pm ± mp ∓ times × div ÷ ast ∗ star ⋆ circ ∘ bullet • cdot ⋅ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ "
    "land ∧ setminus ∖ smallsetminus ∖ backslash ∖ wr ≀ diamond ⋄ bigtriangleup △ bigtriangledown ▽ triangleleft ◁ triangleright ▷ "
    "lhd ⊲ rhd ⊳ unlhd ⊴ unrhd ⊵ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ bigcirc ◯ dagger † ddagger ‡ amalg ⨿ "
    "boxplus ⊞ boxminus ⊟ boxtimes ⊠ boxdot ⊡ ltimes ⋉ rtimes ⋊ leftthreetimes ⋋ rightthreetimes ⋌ curlywedge ⋏ curlyvee ⋎ "
    "circledast ⊛ circledcirc ⊚ circleddash ⊝ centerdot ⋅ intercal ⊺ Cap ⋒ Cup ⋓ dotplus ∔ divideontimes ⋇ barwedge ⊼ veebar ⊻ "
    "doublebarwedge ⩞ sslash ⫽"
)

RELATIONS: Final = _table(
    "leq ≤ le ≤ leqslant ⩽ geq ≥ ge ≥ geqslant ⩾ neq ≠ ne ≠ lt < gt > ll ≪ gg ≫ lll ⋘ ggg ⋙ equiv ≡ sim ∼ simeq ≃ asymp ≍ "
    "approx ≈ approxeq ≊ cong ≅ ncong ≇ propto ∝ varpropto ∝ doteq ≐ doteqdot ≑ models ⊨ vDash ⊨ vdash ⊢ dashv ⊣ Vdash ⊩ "
    "nvdash ⊬ nvDash ⊭ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽ precsim ≾ succsim ≿ perp ⟂ mid ∣ nmid ∤ "
    "parallel ∥ nparallel ∦ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subseteqq ⫅ supseteqq ⫆ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ "
    "nsupseteq ⊉ sqsubset ⊏ sqsupset ⊐ sqsubseteq ⊑ sqsupseteq ⊒ Subset ⋐ Supset ⋑ in ∈ ni ∋ owns ∋ notin ∉ lesssim ≲ gtrsim ≳ "
    "lessapprox ⪅ gtrapprox ⪆ lessgtr ≶ gtrless ≷ lesseqgtr ⋚ gtreqless ⋛ lneq ⪇ gneq ⪈ nless ≮ ngtr ≯ nleq ≰ ngeq ≱ leqq ≦ geqq ≧ "
    "lesseqqgtr ⪋ triangleq ≜ circeq ≗ bumpeq ≏ Bumpeq ≎ eqcirc ≖ risingdotseq ≓ fallingdotseq ≒ coloneqq ≔ coloneq ≔ eqqcolon ≕ "
    "backsim ∽ thicksim ∼ thickapprox ≈ nsim ≁ trianglelefteq ⊴ trianglerighteq ⊵ vartriangleleft ⊲ vartriangleright ⊳ "
    "between ≬ pitchfork ⋔ bowtie ⋈ Join ⋈ smile ⌣ frown ⌢ because ∵ therefore ∴ to → rightarrow → gets ← leftarrow ← "
    "leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ longrightarrow ⟶ longleftarrow ⟵ "
    "longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ "
    "hookleftarrow ↩ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ leftrightharpoons ⇋ "
    "uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ "
    "rightsquigarrow ⇝ leadsto ⇝ twoheadrightarrow ↠ twoheadleftarrow ↞ rightarrowtail ↣ leftarrowtail ↢ upharpoonright ↾ "
    "restriction ↾ rightrightarrows ⇉ leftleftarrows ⇇ rightleftarrows ⇄ leftrightarrows ⇆ upuparrows ⇈ downdownarrows ⇊ "
    "nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ nLeftarrow ⇍ nleftrightarrow ↮ multimap ⊸ dashrightarrow ⇢ dashleftarrow ⇠ "
    "circlearrowleft ↺ circlearrowright ↻ curvearrowleft ↶ curvearrowright ↷ xrightarrow → xleftarrow ← nequiv ≢ "
    "eqsim ≂ ntrianglelefteq ⋬ vartriangle △ blacktriangleleft ◀ blacktriangleright ▶ Vvdash ⊪ VDash ⊫ lesseqslantgtr ⋚ eqslantless ⪕ "
    "eqslantgtr ⪖ curlyeqprec ⋞ curlyeqsucc ⋟ lneqq ≨ gneqq ≩ lnsim ⋦ gnsim ⋧ precneqq ⪵ succneqq ⪶ shortmid ∣ shortparallel ∥"
)

BIG: Final = _table(
    "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯ bigcap ⋂ bigcup ⋃ bigsqcup ⨆ bigvee ⋁ bigwedge ⋀ "
    "bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄ intop ∫ smallint ∫"
)

OPENING: Final = _table(
    "langle ⟨ lceil ⌈ lfloor ⌊ lbrace { lbrack [ lvert | lVert ‖ lgroup ⟮ llbracket ⟦ lmoustache ⎰ llceil ⌈ ulcorner ⌜ llcorner ⌞"
)
CLOSING: Final = _table(
    "rangle ⟩ rceil ⌉ rfloor ⌋ rbrace } rbrack ] rvert | rVert ‖ rgroup ⟯ rrbracket ⟧ rmoustache ⎱ urcorner ⌝ lrcorner ⌟"
)
BARS: Final = _table("vert | Vert ‖ | ‖ arrowvert ⏐")

FUNCTIONS: Final = names(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim liminf limsup ln log max "
    "min Pr projlim sec sin sinh sup tan tanh sech csch arcsinh arccosh arctanh argmax argmin arcosh arsinh artanh "
    "Tr tr rank diag sgn sign Var Cov Hom End Aut Ext Tor Spec Proj Gal GL SL SU SO Sp PSL PGL span supp poly polylog erf ord "
    "softmax conv vol Vol id Id Res Ric Ind codim coker"
)
"""Set upright; those that TeX or amsmath don't define are what every author means by them."""
LIMITS: Final = names("det gcd inf injlim lim liminf limsup max min Pr projlim sup argmax argmin varinjlim varprojlim")
"""Functions whose subscript goes below in displays."""
NAMED: Final = {"liminf": "lim inf", "limsup": "lim sup", "injlim": "inj lim", "projlim": "proj lim",
                "varinjlim": "lim⟶", "varprojlim": "lim⟵", "argmax": "arg max", "argmin": "arg min"}  # fmt: skip

ACCENTS: Final = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "dddot": "\u20db", "check": "\u030c", "widecheck": "\u030c", "breve": "\u0306",
    "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a", "overline": "\u0305", "underline": "\u0332",
    "overrightarrow": "\u20d7", "overleftarrow": "\u20d6", "underbar": "\u0332", "utilde": "\u0330", "wideparen": "\u0311",
}  # fmt: skip
"""Accents as combining characters."""
STRETCHED: Final = {
    "\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u20d7": "→", "\u0307": "˙", "\u0308": "¨", "\u20db": "⃛",
    "\u030c": "ˇ", "\u0306": "˘", "\u0301": "´", "\u0300": "`", "\u030a": "˚", "\u0305": "‾", "\u0332": "_",
    "\u20d6": "←", "\u0330": "~", "\u0311": "⏜",
}  # fmt: skip
"""The same as characters of their own, as MathML wants them."""
WIDE: Final = names("widehat widetilde widecheck overline underline overrightarrow overleftarrow wideparen")

VARIANTS: Final = {
    "mathbf": "bf", "bf": "bf", "mathbb": "bb", "Bbb": "bb", "mathds": "bb", "mathbbm": "bb", "mathcal": "cal", "cal": "cal",
    "mathscr": "cal", "mathfrak": "frak", "frak": "frak", "mathsf": "sf", "sf": "sf", "mathtt": "tt", "tt": "tt",
    "mathrm": "rm", "rm": "rm", "mathup": "rm", "mathit": "it", "it": "it", "boldsymbol": "bi", "bm": "bi", "pmb": "bi",
    "mathbfit": "bi", "mathnormal": "", "mit": "", "symbf": "bf", "mathbfcal": "cal", "mathpzc": "cal", "sc": "rm",
    "mathbold": "bi", "em": "it", "sl": "it", "symup": "rm", "textnormal": "rm",
}  # fmt: skip
"""Alphabet commands and the alphabets below."""

_ALPHABETS: Final = {
    "bf": (0x1D400, 0x1D41A, 0x1D7CE), "it": (0x1D434, 0x1D44E, None), "bi": (0x1D468, 0x1D482, None),
    "cal": (0x1D49C, 0x1D4B6, None), "frak": (0x1D504, 0x1D51E, None), "bb": (0x1D538, 0x1D552, 0x1D7D8),
    "sf": (0x1D5A0, 0x1D5BA, 0x1D7E2), "tt": (0x1D670, 0x1D68A, 0x1D7F6),
}  # fmt: skip
_IRREGULAR: Final = dict(
    zip(
        "𝒝𝒠𝒡𝒣𝒤𝒧𝒨𝒭𝒺𝒼𝓄𝔆𝔋𝔌𝔕𝔝𝔺𝔿𝕅𝕇𝕈𝕉𝕑",
        "ℬℰℱℋℐℒℳℛℯℊℴℭℌℑℜℨℂℍℕℙℚℝℤ",
        strict=True,
    )
)
_GREEK_BOLD: Final = {"bf": (0x1D6A8, 0x1D6C2), "bi": (0x1D71C, 0x1D736)}


def in_alphabet(letter: str, variant: str) -> str:
    """Return *letter* in the mathematical alphabet *variant* (`bf`, `bb`, `cal`, …), or as it is if it isn't there."""
    if variant in _ALPHABETS and letter.isascii():
        upper, lower, digits = _ALPHABETS[variant]
        if "A" <= letter <= "Z":
            styled = chr(upper + ord(letter) - 65)
        elif "a" <= letter <= "z":
            styled = chr(lower + ord(letter) - 97)
        else:
            return chr(digits + ord(letter) - 48) if letter.isdigit() and digits else letter
        return _IRREGULAR.get(styled, styled)
    if variant in _GREEK_BOLD:
        upper, lower = _GREEK_BOLD[variant]
        if "Α" <= letter <= "Ω":
            return chr(upper + ord(letter) - 0x391)
        if "α" <= letter <= "ω":
            return chr(lower + ord(letter) - 0x3B1)
    return letter


@cache
def symbol_text(name: str) -> str | None:
    r"""Return what the argument-free command `\name` prints, None if nobody knows it.

    Used for symbols outside math, where an author forgot the dollars.
    """
    for table in (ORDINARY, BINARY, RELATIONS, BIG, OPENING, CLOSING):
        if name in table:
            return table[name] if len(name) > 1 else None
    return rare_symbol(name)


@cache
def rare_symbol(name: str) -> str | None:
    """Look a symbol up in pylatexenc's tables; None unless it is a single printable character there."""
    from pylatexenc.latex2text import get_default_latex_context_db

    spec = get_default_latex_context_db().get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    if not isinstance(text, str) or len(text) != 1 or len(name) == 1:
        return None
    return text if text.isprintable() and not text.isspace() and not unicodedata.combining(text) else None
