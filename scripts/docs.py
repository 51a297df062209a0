"""Write the reference pages from what the code declares: `python scripts/docs.py [--check]`.

With `--check` nothing is written; the exit code is 1 and the stale pages are named if a page differs.
"""

from __future__ import annotations

import ast
import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from fundguard.claims.tables import Field, tables

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "fundguard"
NOTE = "<!-- 本页由 scripts/docs.py 生成，请勿手工修改；修改声明后运行 make docs。 -->"


def main(arguments: list[str]) -> int:
    check = arguments == ["--check"]
    stale = []
    for name, (title, body) in PAGES.items():
        page = REFERENCE / name
        text = f"# {title}\n\n{NOTE}\n\n{body().strip()}\n"
        if page.exists() and page.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not check:
            page.write_text(text, "utf-8")
    if stale:
        print(("过期，请运行 make docs：" if check else "已生成：") + "、".join(stale))
    return 1 if check and stale else 0


def table_page() -> str:
    """Every table with its fields, in declared order."""
    parts = ["键列写明字段在自然键中的位置；“存为”是入库后的列，姓名、证件号、电话和地址另行加密保存，不在表中。"]
    for table in tables().values():
        parts.append(f"## {table.name}\n")
        parts.append(_grid(("字段", "含义", "类型", "键", "必填", "别名", "存为"), map(_field_row, table.fields)))
    return "\n\n".join(parts)


def _field_row(field: Field) -> tuple[str, ...]:
    key = str(field.key) if field.key else ""
    stored = "、".join(field.stored()) or "（加密）"
    return (
        field.name,
        field.meaning,
        field.kind,
        key,
        "是" if field.required else "",
        "、".join(field.aliases),
        stored,
    )


def command_page() -> str:
    """The help of every command, as the command prints it."""
    from fundguard.cli import app, main

    parts = []
    names = [(), *((command.name or "",) for command in app.registered_commands)]
    for group in app.registered_groups:
        commands = group.typer_instance.registered_commands if group.typer_instance else ()
        names += [(group.typer_instance.info.name, command.name) for command in commands]
    for name in names:
        printed = io.StringIO()
        with redirect_stdout(printed):
            main([*name, "--help"])
        parts.append(f"## {' '.join(['fundguard', *name])}" + f"\n\n```\n{printed.getvalue().strip()}\n```")
    return "\n\n".join(parts)


def rule_page() -> str:
    """The catalogue: what each rule says and what it rests on."""
    from fundguard.cli.show import VALUES
    from fundguard.rules.catalogue import load
    from fundguard.rules.shape import shapes

    rows = (
        (
            rule.code,
            rule.former or "",
            rule.name,
            rule.message,
            rule.gravest,
            rule.limit_reason or "",
            shapes()[rule.shape].title,
            rule.article,
            VALUES[rule.state],
        )
        for rule in load().values()
    )
    note = "结果是一条疑点至多能说到的程度；结果受限的写明原因。形状的说明在 `src/fundguard/rules/shapes`。"
    columns = ("编码", "国家编码", "名称", "看到什么", "结果", "受限原因", "形状", "依据", "状态")
    return f"{note}\n\n{_grid(columns, rows)}"


def term_page() -> str:
    """The glossary: one word, one meaning."""
    with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["chinese"], row["english"], row["meaning"]) for row in csv.DictReader(file)]
    return _grid(("中文", "英文", "含义"), rows)


def permission_page() -> str:
    """Roles and what they may, posts that exclude each other, and the codes with which an account is refused."""
    from fundguard.law.citation import article
    from fundguard.web.accounts.grounds import GROUNDS
    from fundguard.web.accounts.roles import PERMISSIONS, ROLES, incompatible

    def names(codes: Iterable[str]) -> str:
        return "、".join(role.name for role in ROLES.values() if role.code in codes)

    roles = (
        (
            role.name,
            "、".join(PERMISSIONS[one] for one in role.permissions),
            "本机构" if role.own_institution else "本区划及以下",
            "必须" if role.second_factor else "",
        )
        for role in ROLES.values()
    )
    apart = (
        (role.name, names({other for other in ROLES if incompatible(role.code, other)})) for role in ROLES.values()
    )
    grounds = (
        (one.code, one.what, one.remedy, article(one.article).cited if one.article else "") for one in GROUNDS.values()
    )
    return "\n\n".join(
        (
            "## 岗位与权限",
            "每个账号一个岗位、一个区划。没有分派岗位的账号什么也不能办理。",
            _grid(("岗位", "权限", "看到的范围", "二次验证"), roles),
            "## 不相容的岗位",
            "同一人（人员编号相同）的各个在用账号之间检查；系统管理员不能办理本人的账号。",
            _grid(("岗位", "与之不相容"), apart),
            "## 拒绝代码",
            "代码永久不变。",
            _grid(("代码", "问题", "处理", "依据"), grounds),
        )
    )


def refusal_page() -> str:
    """Every refusal that the code can raise: what is wrong and what to do, `…` where a value stands."""
    rows = sorted({row for path in SOURCE.rglob("*.py") for row in _refusals(path)})
    return "命令行和页面用同样的四部分说明问题：问题、位置、实际、处理。\n\n" + _grid(("问题", "处理", "出处"), rows)


def _refusals(path: Path) -> Iterator[tuple[str, str, str]]:
    where = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal" and node.args:
            remedy = next((word.value for word in node.keywords if word.arg == "remedy"), None)
            what = _words(node.args[0])
            if what.strip("…"):
                yield what, _words(remedy), where


def _words(node: ast.expr | None) -> str:
    """The text of a literal or f-string; a value that is filled in, and any other expression, is `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) for part in node.values)
    return "…"


def workflow_page() -> str:
    """The workflows: diagram, states, steps, what regions do differently, and every code of refusal."""
    from fundguard.law import article
    from fundguard.workflows import diagram
    from fundguard.workflows.regions import VARIANTS

    parts = []
    for flow in (flow for flow in VARIANTS.values() if not flow.region):
        states = ("代码", "环节", "机构看到", "")
        steps = ("办理事项", "环节", "之后", "岗位", "材料", "办过这些的人不得办理", "期限", "依据")
        parts += [f"## {flow.title}", f"```mermaid\n{diagram.mermaid(flow)}\n```"]
        parts += [_grid(states, diagram.state_rows(flow)), _grid(steps, diagram.step_rows(flow))]
        for variant in (v for (name, region), v in VARIANTS.items() if name == flow.name and region):
            basis = "；".join(article(ref).cited for ref in variant.basis)
            parts += [f"### {flow.title}：{variant.place}", f"与全国流程不同之处。依据：{basis}。"]
            parts.append(_grid(("办理事项", "不同", "依据"), diagram.difference_rows(variant, flow)))
    parts += ["## 不能办理的原因", _grid(("编码", "原因", "处理", "依据"), diagram.code_rows())]
    return "\n\n".join(parts)


def _grid(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(columns)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "tables.md": ("数据表", table_page),
    "cli.md": ("命令", command_page),
    "refusals.md": ("问题与处理", refusal_page),
    "permissions.md": ("岗位、权限与拒绝代码", permission_page),
    "glossary.md": ("术语", term_page),
    "rules.md": ("规则", rule_page),
    "workflows.md": ("办理流程", workflow_page),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
