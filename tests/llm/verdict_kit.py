"""A model that grades: it reads the papers of a request as any model would, and answers by what stands in them."""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from digest.errors import StoreError
from digest.llm.judging import Judging
from digest.models import Paper
from digest.reports.filling import FillReport
from digest.store.protocol import Store
from tests.llm.llm_kit import Clock, Kit, answer, make_kit, make_paper

WISH = "a new data set of speech in languages with few resources"
OTHER = "controllers for soft robots that bend"
QUOTE = "We release speech of forty languages with few resources"
_SHOWN = re.compile(r"BEGIN PAPER (\w+) (\w+)\nTitle: (.*)\n\nAbstract: (.*?)\nEND PAPER \1 \2", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A paper as a model sees it."""

    label: str
    title: str
    abstract: str
    neighbours: int
    wish: str


Judge = Callable[[Shown], tuple[Any, str]]


def honest(paper: Shown) -> tuple[int, str]:
    """Grade by what the title says: "grade 3 of ..."; quote the first sentence."""
    found = re.search(r"Level (\d)", paper.title)
    grade = int(found[1]) if found else 0
    return grade, paper.abstract.partition(".")[0] if grade > 1 else ""


def read_request(body: dict[str, Any]) -> list[Shown]:
    text = body["messages"][-1]["content"]
    wish = re.search(r"\nThe wish: (.*)\n", text)
    assert wish
    found = _SHOWN.findall(text)
    return [Shown(label, title, abstract, len(found) - 1, wish[1]) for label, _, title, abstract in found]


@dataclass
class Grader:
    """Answers every request by a judge; remembers which papers were asked for together."""

    judge: Judge = honest
    requests: list[list[Shown]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    reply: Callable[[list[Shown]], httpx.Response | None] = lambda _: None
    """What to answer instead, if anything."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        papers = read_request(body)
        self.requests.append(papers)
        self.bodies.append(body)
        if (other := self.reply(papers)) is not None:
            return other
        made = {paper.label: self.judge(paper) for paper in papers}
        return answer({label: {"quote": quote, "grade": grade} for label, (grade, quote) in made.items()})

    @property
    def sizes(self) -> list[int]:
        return [len(papers) for papers in self.requests]


def leveled(number: int, grade: int = 0, **overrides: Any) -> Paper:
    fields = {"title": f"Level {grade} of paper {number}", "abstract": f"{QUOTE} {number}. It is large."} | overrides
    return make_paper(number, **fields)


@dataclass
class JudgingKit:
    """Judging with all that it stands on."""

    grader: Grader
    kit: Kit
    judging: Judging

    async def fill(
        self, papers: Sequence[Paper], *wishes: str, seconds: float = 3600, feed: str = "wished"
    ) -> FillReport:
        return await self.judging.fill(
            papers,
            wishes or (WISH,),
            account=self.kit.ledger.account(feed),
            deadline=self.kit.clock() + timedelta(seconds=seconds),
        )

    async def grades(self, papers: Sequence[Paper], wish: str = WISH) -> dict[int, int]:
        """Return the grades that count, by the number of the paper."""
        found = await self.judging.lookup(papers, [wish])
        return {int(ident.rpartition(".")[2]): verdicts[wish].grade for ident, verdicts in found.items()}


def judging_kit(
    grader: Grader | None = None,
    *,
    store: Store | None = None,
    clock: Clock | None = None,
    seed: int = 1,
    **settings: Any,
) -> JudgingKit:
    grader = grader or Grader()
    kit = make_kit(store=store, clock=clock, transport=httpx.MockTransport(grader), **({"concurrency": 1} | settings))
    judging = Judging(
        kit.store,
        kit.endpoint,
        kit.ledger,
        kit.config,
        now=kit.clock,
        draw=random.Random(seed),
    )
    return JudgingKit(grader, kit, judging)


class RefusingStore:
    """A store whose sure writes fail: it takes no claim."""

    async def set(self, *_: Any, **__: Any) -> bool:
        raise StoreError("read only")

    async def increment(self, *_: Any, **__: Any) -> int:
        raise StoreError("read only")
