"""One paper to its summary: the text, the question, at most one more question, the checks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.config.model import ModelConfig
from digest.config.summary_plans import Plan, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.errors import AnswerError, EndpointError, ModelError
from digest.llm.answers import Reading, read_answer, to_summary
from digest.llm.endpoint import ModelEndpoint
from digest.llm.fulltext import FullTexts, select_text
from digest.llm.ledger import Account
from digest.llm.prompts import FEWEST_CHARACTERS, build_prompt, output_tokens, text_limit
from digest.models import Paper, Summary

log = logging.getLogger(__name__)

_LONGEST_COMPLAINT = 400
_CHARACTERS_PER_TOKEN = 8
"""More than any language has: what an answer has beyond that was not asked for."""


@dataclass(frozen=True, slots=True)
class SummaryWriter:
    """Ask the model for one paper; `full_texts` is None where no plan needs them."""

    endpoint: ModelEndpoint
    config: ModelConfig
    now: Callable[[], datetime]
    full_texts: FullTexts | None = None

    async def write(self, paper: Paper, plan: Plan, account: Account, *, timeout_s: float) -> Summary:
        """Return the summary of *paper*.

        An answer with problems is asked for once more, with the problems named; the better of the two counts.
        A text that exceeds the model's context is halved once.

        Raises:
            ModelError: There is none, see its subclasses.
            UpstreamError: The plan wants the full text, and arXiv gave none.
        """
        try:
            async with asyncio.timeout(timeout_s):
                text = await self._load_text(paper, plan)
                reading = await self._ask(paper, plan, text, account)
        except TimeoutError as error:
            raise EndpointError(f"no summary within {timeout_s:.0f} s", passing=True) from error
        return to_summary(reading.parts, plan.schema, engine=plan.model, language=plan.language, created=self.now())

    async def _load_text(self, paper: Paper, plan: Plan) -> str:
        limit = text_limit(plan, self.config)
        if plan.source is TextSource.ABSTRACT:
            if not paper.abstract.strip():
                raise AnswerError("the paper has no abstract")
            return paper.abstract[:limit]
        if self.full_texts is None:
            raise AnswerError("full texts can't be fetched here")
        return select_text(await self.full_texts.load(paper), paper.abstract, limit=limit)

    async def _ask(self, paper: Paper, plan: Plan, text: str, account: Account) -> Reading:
        best = Reading()
        complaint = ""
        max_tokens = output_tokens(plan, self.config)
        for is_last in (False, True):
            prompt = build_prompt(paper, plan, text, complaint=complaint)
            try:
                answer = await self.endpoint.complete(prompt, max_tokens=max_tokens, account=account)
            except ModelError as error:
                if best.usable:
                    return best  # paid for, if not perfect
                if is_last or not isinstance(error, AnswerError):
                    raise
                text = _next_text(text, plan, error)
                continue
            reading = await asyncio.to_thread(
                read_answer,
                answer.text,
                plan.schema,
                language=plan.language,
                source=f"{paper.title}\n{text}",
                cut=answer.cut,
                limit=max_tokens * _CHARACTERS_PER_TOKEN,
            )
            best = max(best, reading, key=lambda one: one.rank)
            if reading.usable and not reading.problems:
                return reading
            complaint = "; ".join(reading.problems)[:_LONGEST_COMPLAINT]
            log.info("model summary of %s, answer %d: %s", paper.id, 2 if is_last else 1, complaint)
            if answer.cut:
                max_tokens = min(max_tokens * 2, self.config.context_tokens // 2)
        if not best.usable:
            raise AnswerError(f"no usable answer: {complaint}")
        return best


def _next_text(text: str, plan: Plan, error: AnswerError) -> str:
    """Return what to send after the first call failed.

    Raises:
        AnswerError: Sending it again would not help.
    """
    if error.again:
        return text
    # Half an abstract can be summarised, but not passed off as the translation of all of it.
    if error.too_long and plan.schema is not SummarySchema.TRANSLATE and len(text) > FEWEST_CHARACTERS // 2:
        return text[: len(text) // 2].rsplit(" ", 1)[0]
    raise error
