"""Lists of words that the rules lean on."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words whose dot never ends a sentence: something always follows.
BINDING = _words(
    "e.g eg i.e ie cf vs viz resp approx ca prof dr mr mrs ms st mt ft esp incl dept univ nee fig figs eq eqs eqn eqns "
    "sec secs sect ref refs tab tabs thm thms lem prop props cor def defs conj alg algs vol vols chap pp arxiv et "
    "jan feb mar apr jun jul aug sept oct nov dec avg ver"
)

# Words that bind a number or letter after their dot, and are ordinary words otherwise ("the answer is no.").
NUMBERED = _words("no nos ch p app ex art def deg min max temp std var ed")

# Abbreviations that may also stand at the end of a sentence; then a word that likes to begin one follows.
OPEN = _words(
    "al etc i.i.d iid w.r.t wrt a.k.a u.s u.k e.u u.n u.s.a ph.d m.sc b.sc a.m p.m a.s r.h.s l.h.s inc ltd co corp jr sr "
    "w.l.o.g a.e a.s.a.p"
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
