"""Archives and categories, and what a feed specification asks for."""

from __future__ import annotations

ARCHIVES = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph "
    "hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
} | dict.fromkeys(["gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th", "quant-ph"], "")
CLASSES = {archive: [f"{archive}.{c}" for c in classes.split()] for archive, classes in ARCHIVES.items()}
CANONICAL = {
    "cs.NA": "math.NA", "cs.SY": "eess.SY", "math.IT": "cs.IT",
    "math.MP": "math-ph", "stat.TH": "math.ST", "q-fin.EC": "econ.GN",
}  # fmt: skip
NAMES = {
    "astro-ph": "Astrophysics", "astro-ph.CO": "Cosmology and Nongalactic Astrophysics",
    "astro-ph.GA": "Astrophysics of Galaxies", "astro-ph.IM": "Instrumentation and Methods for Astrophysics",
    "cs": "Computer Science", "cs.AI": "Artificial Intelligence", "cs.CL": "Computation and Language",
    "cs.CR": "Cryptography and Security", "cs.CV": "Computer Vision and Pattern Recognition",
    "cs.DS": "Data Structures and Algorithms", "cs.HC": "Human-Computer Interaction", "cs.IR": "Information Retrieval",
    "cs.LG": "Machine Learning", "cs.NE": "Neural and Evolutionary Computing", "cs.SD": "Sound",
    "gr-qc": "General Relativity and Quantum Cosmology", "hep-ph": "High Energy Physics - Phenomenology",
    "math": "Mathematics", "math.AG": "Algebraic Geometry", "math.AC": "Commutative Algebra", "math.CO": "Combinatorics",
    "math.NT": "Number Theory", "math.OC": "Optimization and Control", "math.PR": "Probability",
    "math.RT": "Representation Theory", "math.ST": "Statistics Theory", "physics.bio-ph": "Biological Physics",
    "q-bio": "Quantitative Biology", "q-bio.NC": "Neurons and Cognition", "q-bio.QM": "Quantitative Methods",
    "stat": "Statistics", "stat.AP": "Applications", "stat.CO": "Computation", "stat.ME": "Methodology",
    "stat.ML": "Machine Learning", "stat.TH": "Statistics Theory",
}  # fmt: skip
_SPELLINGS = {name.lower(): name for archive, classes in CLASSES.items() for name in (archive, *classes)}


class SpecError(ValueError):
    """The specification can't be served; the message is arXiv's."""


def parse_spec(spec: str) -> list[str]:
    """Return the archives and categories of `cs.LG+math` in their own spelling, archives first."""
    names = [_parse_part(part, spec) for part in spec.split("+")]
    return sorted(dict.fromkeys(names), key=lambda name: name not in ARCHIVES)


def _parse_part(part: str, spec: str) -> str:
    archive, _, subject = part.partition(".")
    if not part:
        raise SpecError(
            f"Invalid archive specification '{spec}'. Correct format is one or more archive names delimited by '+'."
        )
    if part.count(".") > 1:
        raise SpecError(
            f"Bad archive/subject class structure '{part}'. Valid names include an archive, "
            "possibly followed by a single period and subject class."
        )
    if archive.lower() not in ARCHIVES:
        raise SpecError(f"Bad archive '{archive}'. Valid archive names are: {', '.join(sorted(ARCHIVES))}.")
    if part.lower() not in _SPELLINGS:
        valid = ", ".join(CLASSES[archive.lower()])
        raise SpecError(
            f"Bad subject class '{subject}'. Valid subject classes for the archive '{archive.lower()}' are: {valid}."
        )
    return _SPELLINGS[part.lower()]


def categories_of(names: list[str]) -> frozenset[str]:
    """Return the categories that *names* stand for, each with its alias."""
    wanted = {category for name in names for category in CLASSES.get(name) or [name]}
    for alias, canonical in CANONICAL.items():
        if wanted & {alias, canonical}:
            wanted |= {alias, canonical}
    return frozenset(wanted)
