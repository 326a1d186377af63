"""What importing the package costs."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).resolve().parents[2]


def test_no_client_and_no_reader_is_imported_before_it_is_used() -> None:
    heavy = "{'httpx', 'httpcore', 'stamina', 'tenacity', 'lxml', 'pypdf', 'openai'}"
    code = f"import sys, digest.llm; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert shown.stdout.strip() == "[]"


def test_an_app_without_a_model_imports_no_engine() -> None:
    engine = "{f'digest.llm.{name}' for name in ('engine', 'endpoint', 'ledger', 'fulltext', 'answers', 'prompts', 'writing')}"
    code = f"import sys, api.index, digest.service.wiring; print(sorted({engine} & set(sys.modules)), 'markdown_it' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert shown.stdout.strip() == "[] False"


def test_settings_alone_import_nothing_of_the_engine() -> None:
    code = "import sys, digest.config.settings; print([name for name in sys.modules if name.startswith('digest.llm')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert shown.stdout.strip() == "[]"
