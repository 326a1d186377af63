"""Parameters in canonical form: one spelling for each meaning, which is its own canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.foreign import is_foreign
from api.params import FeedParams

TEXTS = st.text(alphabet='ab AND"-!+|*,;:ti~’“.é%', max_size=30)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["include", "exclude", "author", "q", "title"], TEXTS)))
def test_the_canonical_form_means_the_same_and_is_its_own(given):
    try:
        params = FeedParams.model_validate(given)
        canonical = params.canonical()
    except ValidationError:
        return
    again = FeedParams.model_validate(dict(canonical))
    assert again.canonical() == canonical
    one, other = params.selection(), again.selection()
    assert (one.q, sorted(set(one.include)), sorted(set(one.exclude)), set(one.author)) == (
        other.q,
        sorted(other.include),
        sorted(other.exclude),
        set(other.author),
    )


@pytest.mark.parametrize("name", FeedParams.model_fields)
def test_no_parameter_of_ours_counts_as_foreign(name):
    assert not is_foreign(name, "1769696969")
