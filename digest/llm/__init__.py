"""Summaries written by a model behind any OpenAI-compatible endpoint.

Importing this package imports no HTTP, HTML or PDF library; these come with the first call that needs them.
"""

from digest.llm.endpoint import ModelEndpoint
from digest.llm.engine import FillReport, Forecast, ModelSummaries
from digest.llm.fulltext import FullTexts
from digest.llm.ledger import Ledger, LedgerRow, PeriodTotal, Spent, Usage
from digest.llm.plans import PROMPT_VERSION, Plan, TextSource
from digest.llm.records import Pause
from digest.llm.schemas import SummarySchema
from digest.llm.settings import Budget, ModelConfig, Prices, environment_values, from_environ

__all__ = [
    "PROMPT_VERSION",
    "Budget",
    "FillReport",
    "Forecast",
    "FullTexts",
    "Ledger",
    "LedgerRow",
    "ModelConfig",
    "ModelEndpoint",
    "ModelSummaries",
    "Pause",
    "PeriodTotal",
    "Plan",
    "Prices",
    "Spent",
    "SummarySchema",
    "TextSource",
    "Usage",
    "environment_values",
    "from_environ",
]
