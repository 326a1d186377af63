"""Summaries written by a model behind any OpenAI-compatible endpoint.

The settings are cheap to import; everything else is imported when it is first asked for, and the HTTP,
HTML and PDF libraries with the first call that needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.llm.settings import Budget, ModelConfig, Prices

if TYPE_CHECKING:
    from digest.llm.endpoint import ModelEndpoint
    from digest.llm.engine import FillReport, Forecast, ModelSummaries
    from digest.llm.fulltext import FullTexts
    from digest.llm.ledger import Ledger, Usage
    from digest.llm.plans import PROMPT_VERSION, Plan, TextSource
    from digest.llm.records import Pause
    from digest.llm.schemas import SummarySchema

__all__ = [
    "PROMPT_VERSION",
    "Budget",
    "FillReport",
    "Forecast",
    "FullTexts",
    "Ledger",
    "ModelConfig",
    "ModelEndpoint",
    "ModelSummaries",
    "Pause",
    "Plan",
    "Prices",
    "SummarySchema",
    "TextSource",
    "Usage",
]

_MODULES = {
    "endpoint": ("ModelEndpoint",),
    "engine": ("FillReport", "Forecast", "ModelSummaries"),
    "fulltext": ("FullTexts",),
    "ledger": ("Ledger", "Usage"),
    "plans": ("PROMPT_VERSION", "Plan", "TextSource"),
    "records": ("Pause",),
    "schemas": ("SummarySchema",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"digest.llm.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
