"""What the verification of a case's evidence asks beside its signatures, and all it can answer."""

from __future__ import annotations

from typing import Final

from egov_sdk.report import CheckTable, CheckText, Text

__all__ = ["CASE_CHECKS", "REQUIRED"]

CASE_CHECKS: Final = CheckTable(
    {
        "integrity.case_chain": CheckText(
            Text("Does every step follow the one before it?", "各步骤是否与前一步相接？"),
            "",
            {
                "unbroken": Text("all {count} steps follow one another", "全部 {count} 个步骤依次相接"),
                "broken": Text("the step does not follow the one before it", "该步骤与其前一步不相接"),
                "unreadable": Text("the step cannot be read: {found}", "该步骤无法读取：{found}"),
            },
        ),
        "binding.case_rules": CheckText(
            Text("Was every step one that its taker could take then?", "各步骤是否由有权者在允许的状态下作出？"),
            "",
            {
                "followed": Text(
                    "every step keeps the rules; the case is {state}", "各步骤均符合规则，案卷状态为 {state}"
                ),
                "broken": Text("a step breaks the rules: {found}", "有步骤违反规则：{found}"),
                "undecided": Text("the steps do not make a chain", "各步骤未能相接"),
            },
        ),
        "binding.case_uses": CheckText(
            Text("Are the uses those of this case?", "使用记录是否属于本案卷？"),
            "",
            {
                "ok": Text(
                    "all {count} signed uses are the requester's, under this case",
                    "全部 {count} 次已签名的使用均属本案卷申请方",
                ),
                "foreign": Text("the use belongs to another case or department", "该使用属于其他案卷或部门"),
                "twice": Text("the use stands twice", "该使用重复出现"),
                "unreadable": Text("the use cannot be read: {found}", "该使用无法读取：{found}"),
                "none": Text("no signed use is there", "没有已签名的使用"),
            },
        ),
        "binding.case_statement": CheckText(
            Text("Did the platform say this of this case?", "平台的说明是否针对本案卷？"),
            "",
            {
                "ok": Text("the platform said it on {at}", "平台于 {at} 出具说明"),
                "other": Text(
                    "the statement is not about this case, or not the platform's", "说明不针对本案卷，或并非平台出具"
                ),
                "unreadable": Text("the statement cannot be read: {found}", "说明无法读取：{found}"),
            },
        ),
        "coverage.case": CheckText(
            Text("Is all of the case there?", "案卷是否完整？"),
            "",
            {
                "complete": Text(
                    "all {steps} steps and all {uses} signed uses are there",
                    "{steps} 个步骤和 {uses} 次已签名的使用齐全",
                ),
                "cut": Text(
                    "the platform counts {steps} steps and {uses} signed uses, and others are there",
                    "平台记为 {steps} 个步骤、{uses} 次已签名的使用，与所附内容不符",
                ),
                "undecided": Text("nothing says how much there should be", "无法得知应有多少内容"),
            },
        ),
    }
)

#: All of these, with every signature.
REQUIRED: Final = frozenset(CASE_CHECKS.rows)
