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
        # Days, weeks and ranges of dates.
        "period.week": "{year} 年第 {week} 周，{first} 至 {last}",
        "period.range": "{first} 至 {last}",
        "digest.lead_day": "{title}：一次公告的日报",
        "digest.lead_days": "{title}：多次公告的汇总，每篇论文列在首次公告之下",
        "digest.lead_best": "{title}：这些公告中的最佳论文",
        "digest.running": "本周尚未结束，还会有新的公告。",
        "digest.days": "日期",
        "digest.weeks": "周",
        "digest.all_days": "全部日期",
        "digest.week": "第 {week} 周",
        "digest.week_of_day": "整周",
    }
)
