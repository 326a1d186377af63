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
        # Statistics.
        "stats.title": "统计：{title}",
        "stats.lead": "{first} 至 {last}，按 arXiv 的公告日期计。",
        "stats.none": "尚无统计数据。打开一次论文列表，此后的每一天都会计入。",
        "stats.totals": "全部日期合计",
        "stats.category": "类别",
        "stats.announcements": "公告次数",
        "stats.new": "新论文",
        "stats.cross": "交叉列表",
        "stats.replaced": "更新版本",
        "stats.with_code": "附代码",
        "stats.shown": "本订阅源每日论文数",
        "stats.papers_a_day": "每日新论文与交叉列表",
        "stats.papers_by_week": "每日新论文与交叉列表（每周平均）",
        "stats.code": "附代码库或项目主页的论文比例",
        "stats.as_table": "以表格显示",
        "stats.when": "时间",
        "stats.new_terms": "标题中的新词",
        "stats.new_terms_how": "最近 {recent} 次公告与此前 {earlier} 次相比。",
        "stats.no_new_terms": "最近 {recent} 次公告与此前 {earlier} 次相比，没有突出的新词。",
        "stats.term": "词",
        "stats.titles": "标题数",
        "stats.expected": "预期",
        "stats.how": "每一天在获取时计数，数据保存三年。除“更新版本”一栏外，更新版本不计入。",
        "stats.papers": "查看论文",
        "stats.link": "统计",
        "stats.years": ("最近一年", "最近 {count} 年"),
    }
)
