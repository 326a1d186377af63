"""Every operation that the description names, with values that the schema allows and such that it doesn't."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from api.factory import create_app

CASES = 200 if os.environ.get("ATTACK") == "long" else 6
SLOWEST_S = 15

load_all_checks()
CHECKED = CHECKS.get_by_names(["content_type_conformance", "response_schema_conformance", "status_code_conformance"])
OPERATIONS = [one.ok() for one in schemathesis.openapi.from_dict(create_app(environ={}).openapi()).get_all_operations()]
ATTACKS = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or len(operation.query)  # something to be wrong
]


@pytest.mark.parametrize(("operation", "mode"), ATTACKS)
def test_answers_as_it_is_described_whatever_is_asked(attacked, operation, mode):
    base_url = f"http://127.0.0.1:{attacked}"

    @settings(max_examples=CASES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(operation.as_strategy(generation_mode=mode))
    def attack(case):
        response = case.call(base_url=base_url, timeout=SLOWEST_S)
        assert response.status_code < 500 or response.status_code == 503, response.text
        if response.status_code == 503:
            assert int(response.headers["retry-after"][0]) > 0
        case.validate_response(response, checks=CHECKED)

    attack()
