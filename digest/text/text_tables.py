r"""What TeX's text commands stand for: letters, signs, accents, and commands that only dress their argument."""

from __future__ import annotations

from typing import Final


def names(text: str) -> frozenset[str]:
    """Read a set of words separated by blanks: how the tables are written."""
    return frozenset(text.split())


LETTERS: Final = {
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "SS": "ẞ", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ", "th": "þ", "TH": "Þ",
    "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip
"""Parts of words: TeX eats the space that follows them."""

GREEK: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "ϕ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
"""Letters that text accents stand on, too."""

SIGNS: Final = {
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textquotesingle": "'", "textquotedbl": '"', "guillemotleft": "«", "guillemotright": "»",
    "guilsinglleft": "‹", "guilsinglright": "›", "quotedblbase": "„", "quotesinglbase": "‚",
    "textregistered": "®", "texttrademark": "™", "copyright": "©", "textcopyright": "©", "pounds": "£",
    "textsterling": "£", "euro": "€", "texteuro": "€", "EUR": "€", "textyen": "¥", "textcent": "¢",
    "textdegree": "°", "degree": "°", "celsius": "°C", "textcelsius": "°C", "degreeCelsius": "°C",
    "textmu": "µ", "micron": "µm", "um": "µm", "textohm": "Ω", "ohm": "Ω", "angstrom": "Å", "percent": "%",
    "S": "§", "P": "¶", "dag": "†", "dagger": "†", "textdagger": "†", "ddag": "‡", "ddagger": "‡",
    "textdaggerdbl": "‡", "ldots": "…", "dots": "…", "textellipsis": "…", "cdots": "⋯",
    "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_", "textbar": "|", "textless": "<",
    "textgreater": ">", "textasteriskcentered": "*", "textperiodcentered": "·", "textbullet": "•", "bullet": "•",
    "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "texttimes": "×", "textdiv": "÷",
    "textpm": "±", "textminus": "−", "textrightarrow": "→", "textleftarrow": "←", "textordfeminine": "ª",
    "textordmasculine": "º", "textexclamdown": "¡", "textquestiondown": "¿", "textsection": "§",
    "checkmark": "✓", "cmark": "✓", "xmark": "✗", "LaTeX": "LaTeX", "TeX": "TeX", "LaTeXe": "LaTeX2ε", "slash": "/",
    "textalpha": "α", "textbeta": "β", "textgamma": "γ", "textdelta": "δ", "textepsilon": "ε", "textlambda": "λ",
    "textpi": "π", "textsigma": "σ", "texttau": "τ", "textphi": "φ", "textchi": "χ", "textpsi": "ψ",
    "textomega": "ω", "textOmega": "Ω", "textDelta": "Δ", "textkappa": "κ", "texttheta": "θ", "textrho": "ρ",
    "Msun": "M⊙", "msun": "M⊙", "Lsun": "L⊙", "lsun": "L⊙", "Rsun": "R⊙", "rsun": "R⊙", "eg": "e.g.", "ie": "i.e.",
    "etal": "et al.", "etc": "etc.",
}  # fmt: skip
"""Signs and words; the space after them stays."""

BLANKS: Final = names(
    "quad qquad enspace enskip thinspace medspace thickspace negthinspace hfill hfil space newline linebreak hskip xspace "
    "bigskip medskip smallskip vfill noindent indent maketitle newpage clearpage centering raggedright protect relax "
    "displaystyle textstyle hline allowbreak nobreak par item null leavevmode"
)
"""Commands that leave at most a space (`par` and `item` are seen to before)."""

SWITCHES: Final = names(
    "bf it em sc tt rm sf sl bfseries itshape scshape ttfamily rmfamily sffamily slshape mdseries upshape normalfont "
    "cal frak tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge boldmath unboldmath"
)

UNWRAPPED: Final = names(
    "emph textbf textit texttt textsc textsf textrm textsl textmd textup textnormal text mbox hbox fbox makebox "
    "underline uline ul uuline uwave dotuline textls lowercase MakeLowercase scalebox title subtitle "
    "url nolinkurl path ac acp acs acl acf acrshort acrlong acrfull gls glspl Gls Glspl ce chem num si unit "
    "mathrm mathbf mathit mathsf mathtt mathnormal hl sout st xspace revised revise rev added add new "
    "edit red blue green paragraph section subsection abstract centerline term keyword keywords operatorname "
    "textlf bm boldsymbol"
)
"""Commands that only dress their argument, or whose dress can't be shown in plain text."""

DROPPED: Final = names("label vspace hspace vskip phantom hphantom vphantom pagestyle thispagestyle index color")
"""Commands that go with their argument: nothing of them is ever printed."""

BRACKETED: Final = names(
    "cite citep citet citealt citealp citeauthor citeyear parencite textcite autocite Cite Citep Citet onlinecite nocite "
    "ref eqref cref Cref autoref pageref nameref"
)
"""References: what they point at can't be known here, so the key stays, in brackets."""

SMALL_CAPITALS: Final = names("sc scshape textsc")

FORMULAS: Final = names(
    "hat widehat tilde widetilde bar vec dot ddot dddot check breve acute grave mathring overline overrightarrow cancel "
    "sqrt not mathbb mathcal mathfrak mathscr frac dfrac tfrac cfrac nicefrac sfrac binom dbinom tbinom"
)
"""Commands of math with arguments that stand without dollars now and then."""

OPENING_SIGNS: Final = names(
    "textquoteleft textquotedblleft guillemotleft guilsinglleft quotedblbase quotesinglbase textexclamdown "
    "textquestiondown pounds textsterling"
)
"""Signs that what follows belongs to: TeX eats the space behind them."""

FUNCTIONS: Final = names(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min Pr sec "
    "sin sinh sup tan tanh"
)
"""What is written upright in formulas, and as a word where the dollars are missing."""

PAIRS: Final = names("href hyperref textcolor colorbox SI qty ion texorpdfstring")
"""Commands with two arguments."""

ACCENTS: Final = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "h": "\u0309", "t": "\u0361", "textcommabelow": "\u0326",
}  # fmt: skip
"""Accent commands and their combining characters."""

SCREENED: Final = {"%": "%", "&": "&", "#": "#", "_": "_", " ": " ", "\n": " ", ",": " ", ";": " ", ":": " ", "!": "",
                   "/": "", "-": "", "@": "", "\\": " ", "~": "~", "^": "^"}  # fmt: skip
"""One-character commands; those that would start something in TeX (dollar, braces) are seen to apart."""

UNITS: Final = {
    "meter": "m", "metre": "m", "m": "m", "km": "km", "cm": "cm", "mm": "mm", "um": "µm", "nm": "nm", "kilo": "k",
    "mega": "M", "giga": "G", "tera": "T", "milli": "m", "micro": "µ", "nano": "n", "pico": "p", "femto": "f",
    "centi": "c", "second": "s", "s": "s", "ms": "ms", "us": "µs", "ns": "ns", "minute": "min", "hour": "h",
    "day": "d", "hertz": "Hz", "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "THz": "THz", "gram": "g",
    "kilogram": "kg", "kg": "kg", "kelvin": "K", "K": "K", "celsius": "°C", "degreeCelsius": "°C", "degree": "°",
    "percent": "%", "watt": "W", "volt": "V", "ampere": "A", "ohm": "Ω", "farad": "F", "henry": "H", "tesla": "T",
    "newton": "N", "pascal": "Pa", "joule": "J", "electronvolt": "eV", "eV": "eV", "keV": "keV", "MeV": "MeV",
    "GeV": "GeV", "TeV": "TeV", "mol": "mol", "mole": "mol", "liter": "L", "litre": "L", "bit": "bit", "byte": "B",
    "decibel": "dB", "dB": "dB", "radian": "rad", "steradian": "sr", "angstrom": "Å", "per": "/", "square": "²",
    "squared": "²", "cubed": "³", "parsec": "pc", "candela": "cd", "lumen": "lm", "lux": "lx", "bar": "bar",
}  # fmt: skip
"""siunitx's units and prefixes, as they are read."""

SUPERSCRIPTS: Final = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
SUBSCRIPTS: Final = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
