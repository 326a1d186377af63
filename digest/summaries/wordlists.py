"""Lists of words that the rules lean on."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words whose dot never ends a sentence: something always follows.
BINDING = _words(
    "e.g eg i.e ie cf vs viz resp approx ca prof dr mr mrs ms st mt ft esp incl dept univ nee fig figs eq eqs eqn eqns "
    "sec secs sect ref refs tab tabs thm thms lem prop props cor def defs conj alg algs vol vols chap pp arxiv et "
    "avg ver c.f s.t v.s op.cit messrs"
)

# Words that bind a number or letter after their dot, and are ordinary words otherwise ("the answer is no.").
NUMBERED = _words("no nos jan feb mar apr jun jul aug sept oct nov dec ch p app ex art def deg min max temp std var ed")

# Abbreviations that may also stand at the end of a sentence; then a word that likes to begin one follows.
OPEN = _words(
    "al etc i.i.d iid w.r.t wrt a.k.a u.s u.k e.u u.n u.s.a ph.d m.sc b.sc a.m p.m a.s r.h.s l.h.s inc ltd co corp jr sr "
    "w.l.o.g a.e a.s.a.p bros assn assoc intl natl gov capt lt sgt proc symp phys lett astrophys astron acad dist"
)

# Words that begin sentences far more often than they carry a capital within one.
STARTERS = _words(
    "a above according accordingly additionally after all along also although among an and another any applications "
    "applying are as at based because before being besides between both but by can code combined combining compared "
    "comparing consequently considering contrary conversely current currently data despite do does due during each "
    "either empirical empirically especially even every existing experimental experiments extensive few finally first "
    "following for four from further furthermore generally given hence her here his how however if importantly in "
    "indeed inspired instead interestingly is it its key last lastly leveraging like many meanwhile more moreover most "
    "motivated much namely nevertheless next no nonetheless not notably now numerical of on one only or other our "
    "overall particularly previous prior recent recently results second several she similarly simulations since so some "
    "specifically starting subsequently such surprisingly taken than that the their then there thereby therefore these "
    "they third this those though three through throughout thus to together two typically under unfortunately unlike "
    "using via we what when where whereas whether which while who why with within without yet you"
)

# Words without content of their own.
STOP_WORDS = _words(
    "a about above across after again against all also although among an and any are as at based be because been before "
    "being between both but by can could did do does down during each few first for from further had has have having he "
    "her here his how however i if in into is it its itself many may might more most much new no nor not now of on one "
    "only or other our out over own paper propose proposed same several she should show since so some such than that the "
    "their them then there these they this those through thus to too two under until up upon use used using very via was "
    "we well were what when where whether which while who whom whose why will with within without would you your"
)


def _kinds(**words: str) -> dict[str, str]:
    return {word: kind for kind, listed in words.items() for word in listed.split()}


# Words that tell what a sentence is about, wherever they stand in it.
CUES = _kinds(
    kwe="we our us i",
    kpaper="paper article thesis survey letter",
    kcode="http https github code released release publicly available",
    kalso="also furthermore moreover additionally finally addition further",
    kpropose="propose proposes proposed present presents introduce introduces introduced develop develops",
    kshow="show shows demonstrate demonstrates prove find found establish",
    kexperiments="experiments experiment experimental evaluate evaluated evaluation benchmark benchmarks datasets",
    koutdo="outperform outperforms outperforming improves improvement improvements accuracy",
    kexisting="existing previous prior recent recently current traditional conventional",
    knot="not cannot limited difficult challenging lack challenge problem",
    kfuture="future hope believe",
)
# First words of sentences.
OPENINGS = _kinds(
    obut="however but yet unfortunately while although though despite",
    oit="it this these they such both their its those",
    othe="the",
    owe="we our here",
    oin="in",
    oto="to",
    ofirst="first second third firstly secondly specifically next then finally",
    oalso="also furthermore moreover additionally further",
    oresults="experiments experimental results extensive empirically",
    othus="thus therefore hence consequently",
    oa="a an",
    orecent="recent recently existing many most",
)
# Headings of structured abstracts, by the family of roles they announce.
HEADINGS = _kinds(
    background="background context introduction motivation importance rationale",
    objective="objective objectives aim aims purpose goal goals problem question",
    method="method methods methodology approach design setting materials data participants procedure theory",
    result="result results findings observations",
    conclusion="conclusion conclusions discussion significance implications interpretation summary impact outlook",
)
# Pieces of which each aside (links to code, future work) holds one.
ASIDES = ("http", "github", "available", "releas", "public", "open-source", "project page", "future", "further")

# Words of papers about computing: where an abstract has few of them, what follows the aim is told as facts, not steps.
COMPUTING = _words(
    "accuracy agent agents ai algorithm algorithms architecture baseline baselines benchmark benchmarks classification "
    "classifier cloud code compiler corpus dataset datasets deep detection embedding embeddings encryption gpu hardware "
    "image images language learning llm llms network networks neural online outperform outperforms program programs "
    "prompt recognition reinforcement retrieval robot robots security segmentation semantic sensor sensors software "
    "speech state-of-the-art supervised task tasks text texts train trained training transformer transformers "
    "translation user users video videos web wireless"
)
