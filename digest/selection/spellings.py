"""British spellings to American ones, so that `optimisation` finds *optimization* and `colour` *color*.

Both sides of a comparison are folded the same way, so a wrong one (*practise* to *practice*) costs nothing unless it is
another word. Names aren't folded.
"""

from __future__ import annotations

import re

from digest.selection.plurals import inflections, singular


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in (pair.split(":") for pair in text.split()))


# Parts of words, British first.
_PARTS = _pairs("""
    colour:color behaviour:behavior neighbour:neighbor favour:favor honour:honor labour:labor vapour:vapor tumour:tumor
    rumour:rumor humour:humor harbour:harbor armour:armor odour:odor flavour:flavor vigour:vigor rigour:rigor
    endeavour:endeavor manoeuvr:maneuver artefact:artifact sulph:sulf haem:hem aemi:emi paed:ped oestr:estr foet:fet
    anaesth:anesth archaeo:archeo oesoph:esoph faec:fec rrhoea:rrhea caesium:cesium aluminium:aluminum mould:mold
    modelled:modeled modelling:modeling modeller:modeler labelled:labeled labelling:labeling labeller:labeler
    signalling:signaling signalled:signaled travelling:traveling travelled:traveled traveller:traveler
    tunnelling:tunneling tunnelled:tunneled channelled:channeled channelling:channeling cancelled:canceled
    cancelling:canceling levelled:leveled levelling:leveling fuelled:fueled fuelling:fueling spiralling:spiraling
""")
# Whole words in singular.
_WHOLE = _pairs("""
    centre:center centred:centered centring:centering fibre:fiber metre:meter litre:liter spectre:specter theatre:theater
    calibre:caliber lustre:luster nanometre:nanometer micrometre:micrometer millimetre:millimeter centimetre:centimeter
    kilometre:kilometer catalogue:catalog catalogued:cataloged analogue:analog dialogue:dialog homologue:homolog
    defence:defense offence:offense licence:license licenced:licensed pretence:pretense grey:gray programme:program
    ageing:aging judgement:judgment acknowledgement:acknowledgment fulfil:fulfill fulfilment:fulfillment
    enrolment:enrollment practise:practice practised:practiced practising:practicing skilful:skillful tyre:tire
    analyse:analyze analysed:analyzed analysing:analyzing analyser:analyzer catalyse:catalyze catalysed:catalyzed
    catalysing:catalyzing paralyse:paralyze paralysed:paralyzed hydrolyse:hydrolyze hydrolysed:hydrolyzed
""")
_AMERICAN = dict(_WHOLE)
_BRITISH = {american: british for british, american in _WHOLE}
_PART = re.compile("|".join(british for british, _ in _PARTS))
_AMERICAN_PARTS = dict(_PARTS)

_IZE = re.compile(r"(.{3,})i[sz](e|ed|er|es|ers|ing|ings|ation|ations|ational|able|ability)")
_IZE_BEGUN = re.compile(r"(.{4,})i([sz])(|e|ed|er|i|in|ing|a|at|ati|atio|ation|ab|abl|able)")
# What is before an -ise that isn't the ending: supervise, surprise, precise, noise, wise.
_NO_IZE = re.compile(
    r".*(?:superv|surpr|compr|comprom|repr|appr|enterpr|adv|dev|rev|telev|improv|prec|conc|inc|exc|circumc|exerc|prom|prem|"
    r"surm|dem|desp|franch|merchand|parad|expert|advert|treat|chast|mort|val|w|[aeou])|ar"
)


def base(word: str) -> str:
    """Return the singular of *word* (lower-case, without accents) in American spelling."""
    return _american(singular(word))


def word_forms(word: str) -> frozenset[str]:
    """Return all words that have the same base as *word*: its plurals, in both spellings."""
    wanted = base(word)
    forms = inflections(wanted) | inflections(singular(word))
    forms |= {plural for form in forms for one in _british(form) for plural in inflections(one)}
    return frozenset(form for form in forms if base(form) == wanted)


def beginnings(prefix: str) -> tuple[str, ...]:
    """Return the spellings of a word's beginning, as given first: `quantiz`, `quantis`."""
    found = _IZE_BEGUN.fullmatch(prefix)
    others = [f"{found[1]}i{'s' if found[2] == 'z' else 'z'}{found[3]}"] if found else []
    return tuple(dict.fromkeys((prefix, *others, _with_american_parts(prefix), *_british_parts(prefix))))


def _american(word: str) -> str:
    if word in _AMERICAN:
        return _AMERICAN[word]
    if (found := _IZE.fullmatch(word)) and not _NO_IZE.fullmatch(found[1]):
        word = f"{found[1]}iz{found[2]}"
    return _with_american_parts(word)


def _with_american_parts(word: str) -> str:
    return _PART.sub(lambda found: _AMERICAN_PARTS[found[0]], word)


def _british(word: str) -> set[str]:
    """Return what may be British spellings of an American word."""
    found = {_BRITISH[word]} if word in _BRITISH else set()
    if ize := _IZE.fullmatch(word):
        found.add(f"{ize[1]}is{ize[2]}")
    return found | {part for one in (word, *found) for part in _british_parts(one)}


def _british_parts(word: str) -> list[str]:
    return [word.replace(american, british) for british, american in _PARTS if american in word]
