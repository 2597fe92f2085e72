"""Surnames whose sound cannot be taken from the characters alone.

Many characters are read otherwise as a surname than elsewhere (单 shàn, 仇 qiú, 解 xiè, 查 zhā,
区 ōu, 曾 zēng, 冼 xiǎn), and the general tables of pinyin know the other reading first.
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(text: str) -> Mapping[str, tuple[str, ...]]:
    lines = (entry.split() for entry in text.replace("\n", ";").split(";") if entry.strip())
    return {surname: tuple(readings) for surname, *readings in lines}


SURNAMES = _table("""
单 shan; 單 shan; 仇 qiu; 解 xie; 查 zha; 区 ou; 區 ou; 曾 zeng; 冼 xian; 洗 xian; 任 ren; 盖 ge gai
蓋 ge gai; 葛 ge; 哈 ha; 那 na nuo; 宁 ning; 朴 piao pu; 瞿 qu; 冯 feng; 乐 yue le; 樂 yue le
盛 sheng; 尉 wei yu; 翟 zhai di; 覃 qin tan; 谌 chen shen; 諶 chen shen; 缪 miao mou; 繆 miao mou
祭 zhai ji; 种 chong; 召 shao; 晁 chao; 褚 chu; 繁 po; 尹 yin; 员 yun; 員 yun; 贠 yun; 郇 xun huan
郗 xi chi; 牟 mu mou; 乜 nie; 钭 tou; 阚 kan; 折 she; 佴 nai; 黑 he hei; 秘 bi mi; 能 nai; 逄 pang
逯 lu; 隗 wei kui; 仉 zhang; 佘 she; 角 jue; 炅 gui; 眭 sui; 訾 zi; 宓 mi fu; 仝 tong; 呙 guo
句 gou; 费 fei bi; 颉 xie; 沈 shen; 俞 yu; 臧 zang; 宿 su; 薄 bo; 柏 bai bo; 鲍 bao; 燕 yan; 要 yao
莘 shen xin; 强 qiang jiang; 撖 han; 适 kuo; 车 che; 車 che; 过 guo; 相 xiang; 长 zhang; 朝 chao
行 xing; 曲 qu
""")
"""Surnames of one character and their readings as a surname, the usual one first."""

DOUBLE_SURNAMES = _table("""
万俟 mo qi; 萬俟 mo qi; 尉迟 yu chi; 尉遲 yu chi; 长孙 zhang sun; 長孫 zhang sun; 单于 chan yu
單于 chan yu; 澹台 tan tai; 澹臺 tan tai; 令狐 ling hu; 鲜于 xian yu; 鮮于 xian yu; 淳于 chun yu
亓官 qi guan; 宰父 zai fu; 欧阳 ou yang; 歐陽 ou yang; 司马 si ma; 司馬 si ma; 诸葛 zhu ge
諸葛 zhu ge; 上官 shang guan; 夏侯 xia hou; 皇甫 huang fu; 慕容 mu rong; 司徒 si tu; 司空 si kong
东方 dong fang; 東方 dong fang; 宇文 yu wen; 呼延 hu yan
""")
"""Surnames of two characters and their two syllables."""
