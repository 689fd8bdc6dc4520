"""The style sheet of the HTML report: light and dark, on screens and on paper."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--ground:#f6f7f9;--sheet:#fff;--ink:#1c2430;--soft:#5b6675;--line:#d9dee6;
--passed:#12753f;--failed:#b3201f;--unknown:#8a5a00;--skipped:#5b6675}
@media (prefers-color-scheme:dark){:root{--ground:#12161c;--sheet:#1b2129;--ink:#e6eaf0;--soft:#9aa6b5;--line:#323b47;
--passed:#54c98a;--failed:#ff7b72;--unknown:#e3b341;--skipped:#9aa6b5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 10px}h3{font-size:16px;margin:0 0 8px}
h4{font-size:14px;margin:18px 0 6px;color:var(--soft)}p{margin:4px 0}
.soft{color:var(--soft)}.small{font-size:13px}code{font-family:ui-monospace,Consolas,monospace;font-size:.92em}
.passed{--tone:var(--passed)}.failed{--tone:var(--failed)}.unknown{--tone:var(--unknown)}.skipped{--tone:var(--skipped)}
.word{color:var(--tone);font-weight:600;white-space:nowrap}
.banner,.card{background:var(--sheet);border:1px solid var(--line);border-left:6px solid var(--tone,var(--line));
border-radius:8px;padding:16px 18px;margin:14px 0}
.banner .word{font-size:26px}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:12px}
.answers .card{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-top:1px solid var(--line)}
th{color:var(--soft);font-weight:600;border-top:0;white-space:nowrap}
td:first-child{width:5.5em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}dt{color:var(--soft)}dd{margin:0}
ol{margin:6px 0;padding-left:22px}li{margin:6px 0}
figure{margin:16px 0;max-width:860px}figcaption{color:var(--soft);font-size:13px;margin-top:6px}
.page{position:relative;border:1px solid var(--line);background:#fff;line-height:0}
.page img{width:100%;height:auto;display:block}
.seal{position:absolute;border:3px solid;border-radius:4px;line-height:1.3}
.seal.passed{border-color:#12753f}.seal.failed{border-color:#b3201f}.seal.unknown{border-color:#b77900}
.seal span{position:absolute;left:-3px;bottom:100%;font-size:12px;font-weight:600;color:#fff;padding:1px 7px;
border-radius:4px 4px 0 0;white-space:nowrap}
.seal.east span{left:auto;right:-3px}
.seal.passed span{background:#12753f}.seal.failed span{background:#b3201f}.seal.unknown span{background:#8a5a00}
@media print{body{background:#fff;font-size:11pt}main{max-width:none;padding:0}
.card,.banner,figure,tr{break-inside:avoid}.seal,.seal span,.banner,.card{print-color-adjust:exact}}
"""
