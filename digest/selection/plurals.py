"""Plural forms to singular ones, so that `graph neural networks` finds *graph neural network*.

Only plurals: *dynamic* and *dynamics*, *learn* and *learning* stay different words. Both sides of a
comparison are folded the same way, so a wrong singular (*Bayes* to *baye*) costs nothing unless it is
another word; the tables below hold those that are.
"""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


_IRREGULAR = _pairs("""
    analyses:analysis hypotheses:hypothesis syntheses:synthesis theses:thesis crises:crisis diagnoses:diagnosis
    parentheses:parenthesis prostheses:prosthesis emphases:emphasis metastases:metastasis axes:axis
    matrices:matrix vertices:vertex indices:index appendices:appendix simplices:simplex vortices:vortex
    helices:helix cortices:cortex submatrices:submatrix
    criteria:criterion phenomena:phenomenon automata:automaton polyhedra:polyhedron tetrahedra:tetrahedron
    spectra:spectrum momenta:momentum minima:minimum maxima:maximum optima:optimum extrema:extremum
    strata:stratum continua:continuum corpora:corpus genera:genus
    formulae:formula supernovae:supernova novae:nova nebulae:nebula antennae:antenna larvae:larva
    nuclei:nucleus radii:radius loci:locus foci:focus stimuli:stimulus moduli:modulus tori:torus
    bacilli:bacillus calculi:calculus
    schemata:schema lemmata:lemma mice:mouse children:child women:woman men:man feet:foot teeth:tooth
    leaves:leaf halves:half lives:life wolves:wolf shelves:shelf knives:knife
    biases:bias viruses:virus gases:gas lenses:lens buses:bus atlases:atlas canvases:canvas campuses:campus
    statuses:status aliases:alias consensuses:consensus apparatuses:apparatus corpuses:corpus
    caches:cache niches:niche headaches:headache avalanches:avalanche quizzes:quiz
    movies:movie cookies:cookie calories:calorie zombies:zombie selfies:selfie
    cpus:cpu gpus:gpu tpus:tpu npus:npu dpus:dpu qpus:qpu ipus:ipu menus:menu
    apis:api guis:gui mris:mri rois:roi pois:poi clis:cli
""")

# What ends in s and is no plural, where dropping the s would make another word or none that meets itself.
_UNCHANGED = _listed("""
    news series species aids lens bias alias atlas canvas pancreas whereas overseas chaos cosmos ethos
    always perhaps mars does goes
""")

# Of the words in -ics only these are plurals; the others are fields (physics, dynamics, statistics).
_PLURALS_IN_ICS = _listed("""
    topics metrics heuristics characteristics basics fabrics clinics critics harmonics mosaics epidemics
    pandemics academics antibiotics ceramics mimics plastics relics specifics comics quadrics conics
    picnics rubrics cynics skeptics lyrics
""")


def singular(word: str) -> str:
    """Return the singular of *word* (lower-case, without accents), or *word* itself.

    Words of up to three letters stay (*GPS*, *gas*, *bus*), so `GPs` is not *GP*.
    """
    found = _IRREGULAR.get(word)
    if found is not None:
        return found
    if _is_singular(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


def inflections(word: str) -> frozenset[str]:
    """Return all words that have the same singular as *word*."""
    base = singular(word)
    candidates = {base, f"{base}s", f"{base}es", f"{base[:-1]}ies"}
    candidates.update(plural for plural, one in _IRREGULAR.items() if one == base)
    return frozenset(candidate for candidate in candidates if singular(candidate) == base)


def _is_singular(word: str) -> bool:
    return (
        word[-1:] != "s"
        or len(word) < 4
        or word in _UNCHANGED
        or word.endswith(("ss", "us", "is"))
        or (word.endswith("ics") and word not in _PLURALS_IN_ICS)
    )
