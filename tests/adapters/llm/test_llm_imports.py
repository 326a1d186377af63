"""What importing the package costs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_no_client_and_no_reader_is_imported_before_it_is_used() -> None:
    heavy = "{'httpx', 'httpcore', 'stamina', 'tenacity', 'lxml', 'pypdf', 'openai'}"
    code = f"import sys, digest.llm; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert shown.stdout.strip() == "[]"


def test_settings_alone_import_nothing_of_the_engine() -> None:
    code = "import sys; from digest.llm import ModelConfig; print([name for name in sys.modules if name.startswith('digest.llm.')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert shown.stdout.strip() == "['digest.llm.settings']"
