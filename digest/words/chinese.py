"""The Chinese table, in simplified characters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CHINESE: Mapping[str, str | tuple[str, str]] = MappingProxyType(
    {
        # The frame of every page.
        "page.skip": "跳到正文",
        "page.site": "本站",
        "page.thanks": "感谢 arXiv 的开放获取互操作服务。本站与 arXiv 无隶属关系。",
        "page.served_by": "由 arxiv-digest {version} 提供。",
        "nav.feeds": "订阅源",
        "nav.digests": "日报",
        "nav.build": "定制订阅",
        "nav.status": "状态",
        "nav.api": "API",
        # One paper.
        "paper.page": "详情",
    }
)
