"""Parameters that others put behind our addresses: feed readers, caches, campaigns, and subscriptions to arXiv's old feeds.

They say nothing about the papers, so they are dropped and the client is sent to the address without them. Everything
else that is unknown is refused, since it may be a parameter of ours, mistyped.

Sources: docs.wpvip.com, "Page cache" (the list that WordPress VIP ignores); arXiv's feed documentation until January
2024 (`version`, `mirror`).
"""

import re
from collections.abc import Iterable


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = _listed(
    # arXiv's feeds of old; what readers add to get past caches
    "version mirror _ cachebuster cachebust cache_buster nocache no_cache "
    # campaigns and click ids
    "_ga _gl _ke _hsenc _hsmi __hssc __hstc __hsfp __s __twitter_impression campaignid adgroupid adid "
    "dclid dm_i ef_id epik fbclid fb_action_ids fb_action_types fb_source gad_source gbraid gclid gclsrc gdffi gdfms "
    "gdftrk hsctatracking igsh igshid kboard_id li_fat_id mc_cid mc_eid mkt_tok msclkid mkwid ml_subscriber "
    "ml_subscriber_hash oly_anon_id oly_enc_id pcrid pk_campaign pk_kwd pk_source pp ref ref_src ref_url rb_clickid "
    "redirect_log_mongo_id redirect_mongo_id s_cid s_kwcid sb_referer_host si srsltid trk_contact trk_module trk_msg "
    "trk_sid ttclid twclid usqp vero_conv vero_id wbraid wickedid wt.mc_id yclid ysclid zanpid"
)
_FAMILIES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_", "mc_", "pk_", "_openstat", "__cf_")
_CLOCKS = _listed("t ts time timestamp rand rnd random cb v")
"""Names that mean a moment or a random number where the value is nothing but a long number."""
_LONG_NUMBER = re.compile(r"(?:0\.)?\d{6,}", re.ASCII)


def is_foreign(name: str, value: str) -> bool:
    """Tell whether a parameter is one of those that others add."""
    lower = name.casefold()
    if lower in _NAMES or lower.startswith(_FAMILIES):
        return True
    if _LONG_NUMBER.fullmatch(value) and lower in _CLOCKS:
        return True
    return not value and _LONG_NUMBER.fullmatch(name) is not None  # `?1769696969`


def without_foreign(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters that are meant for us."""
    return [(name, value) for name, value in pairs if not is_foreign(name, value)]
