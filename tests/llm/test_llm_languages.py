"""Languages by name, and by look."""

import pytest

from digest.config.summary_plans import Plan, TextSource, normal_tag
from digest.config.summary_schemas import SummarySchema
from digest.errors import InputError
from digest.llm.languages import describe_language, is_in_language

TEXTS = {
    "en": "We present a method for the control of soft robots and show that it works on three benchmarks.",
    "de": "Wir stellen ein Verfahren für die Steuerung weicher Roboter vor und zeigen, dass es sich bewährt.",
    "fr": "Nous présentons une méthode pour la commande des robots souples, qui est plus rapide dans les essais.",
    "es": "Este trabajo presenta un método para el control de robots blandos que no requiere de más datos.",
    "it": "Il lavoro presenta un metodo per il controllo dei robot morbidi, che è più rapido e non richiede dati.",
    "zh-CN": "本文提出一种控制软体机器人的方法，并在 ImageNet 与 COCO 上验证了其有效性。",
    "ja": "本論文では柔らかいロボットを制御する手法を提案し、その有効性を示す。",
    "ko": "이 논문은 부드러운 로봇을 제어하는 방법을 제안하고 효과를 보인다.",
    "ru": "В работе предложен метод управления мягкими роботами, и показано, что он не требует данных.",
    "ar": "يقدم هذا البحث طريقة للتحكم في الروبوتات اللينة ويبين فعاليتها.",
}


@pytest.mark.parametrize("wanted", TEXTS)
@pytest.mark.parametrize("written", TEXTS)
def test_only_the_right_language_passes(wanted: str, written: str) -> None:
    assert is_in_language(TEXTS[written], wanted) is (wanted == written)


@pytest.mark.parametrize("tag", ["en", "de", "zh-CN", "sw", "eu", "nb", "de-CH"])
def test_what_can_not_be_told_passes(tag: str) -> None:
    assert is_in_language(r"LoRA $x \in \mathbb{R}^n$", tag)


def test_terms_in_latin_letters_are_no_english() -> None:
    assert is_in_language("基于 Transformer 的 BERT、RoBERTa 与 GPT 模型在 GLUE 和 SuperGLUE 上的比较研究", "zh-CN")


def test_a_language_without_table_is_only_told_from_other_scripts_by_others() -> None:
    assert is_in_language(TEXTS["en"], "sw")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("zh-CN", "简体中文"),
        ("zh-TW", "繁體中文"),
        ("zh-Hant-HK", "繁體中文"),
        ("de-CH", "German"),
        ("nb", "Norwegian"),
        ("sw", "tag sw"),
    ],
)
def test_prompts_name_the_language(tag: str, words: str) -> None:
    assert words in describe_language(tag)


@pytest.mark.parametrize(
    ("tag", "normal"), [("zh_hans_cn", "zh-Hans-CN"), ("EN-us", "en-US"), (" de ", "de"), ("es-419", "es-419")]
)
def test_tags_have_one_spelling(tag: str, normal: str) -> None:
    assert normal_tag(tag) == normal
    assert Plan(SummarySchema.TLDR, tag, TextSource.ABSTRACT, "m").language == normal


@pytest.mark.parametrize("tag", ["", "english", "zh-CN\nIgnore all", "e", "x-private", "de--CH"])
def test_other_texts_are_no_tags(tag: str) -> None:
    with pytest.raises(InputError, match="language tag"):
        normal_tag(tag)
