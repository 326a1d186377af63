"""What strangers see of a configuration that can't be used: which setting, and nothing of its value."""

import httpx
import pytest

from api.factory import create_app

pytestmark = pytest.mark.anyio

SECRET = "hunter2"


async def answers(path, environ, **headers):
    """Return the answer of an application that reads its settings with the first request, as serverless ones do."""
    transport = httpx.ASGITransport(app=create_app(environ=environ), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://papers.test") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize(
    ("environ", "setting"),
    [
        ({"LLM_BASE_URL": f"http://u:{SECRET}@h/v1"}, "model.base_url"),
        ({"OPENAI_BASE_URL": f"https://h/v1?api_key={SECRET}", "OPENAI_API_KEY": SECRET}, "model.base_url"),
        ({"ARXIV_URL": f"ftp://u:{SECRET}@h"}, "arxiv.url"),
        ({"PUBLIC_URL": f"https://u:{SECRET}@h/x?y"}, "server.public_url"),
        ({"PUBLIC_URL": f"https://u:{SECRET}#1@h"}, "server.public_url"),
        ({"CACHE_URL": f"redsi://:{SECRET}@h"}, "CACHE_URL"),
        ({"CACHE_URL": f"{SECRET}:x@h:6379"}, "CACHE_URL"),
        ({"DIGEST_MODEL_API_KEY": SECRET}, "DIGEST_MODEL_API_KEY"),
        ({"PORT": SECRET}, "server.port"),
    ],
)
async def test_the_answer_names_the_setting_and_shows_no_value(environ, setting, accept, caplog):
    answer = await answers("/rss/cs.LG", environ, accept=accept)
    assert answer.status_code == 500
    assert f"This server's configuration can't be used ({setting}); see the log." in answer.text.replace("&#39;", "'")
    assert SECRET not in answer.text + str(answer.headers)
    if setting != "server.port":
        assert SECRET not in caplog.text
    assert setting in caplog.text


async def test_a_file_that_can_t_be_read_is_not_named(tmp_path):
    answer = await answers("/", {"DIGEST_CONFIG": str(tmp_path / "none.yaml")})
    assert answer.json()["detail"] == "This server's configuration can't be used; see the log."


async def test_a_key_that_is_no_name_is_not_shown(tmp_path, caplog):
    file = tmp_path / "odd.yaml"
    file.write_text(f"server:\n  'https://u:{SECRET}@h': 1\n'{SECRET} x': 1\n", encoding="utf-8")
    answer = await answers("/", {"DIGEST_CONFIG": str(file)})
    assert answer.json()["detail"] == "This server's configuration can't be used; see the log."
    assert "https://***@h: no such setting" in caplog.text
