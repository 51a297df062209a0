"""Packs: the rules of a place as signed data. A pack is a zip with a manifest, one YAML file a rule, its examples.

`pack.json` names every other file with its hash; `pack.sig` signs the bytes of `pack.json` (Ed25519). A rule in a pack
names a shape that ships and gives it typed values; there is nowhere to write a statement. Nothing of a pack that is not
signed by a key the reader trusts is looked at.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fundguard import law
from fundguard.errors import Refusal
from fundguard.rules.examples import Example, read_story
from fundguard.rules.rule import Rule, read_rule

MANIFEST, SIGNATURE = "pack.json", "pack.sig"
FORMAT = 1
MOST_FILES, LARGEST = 500, 1 << 20  # files in a pack, bytes of one file when unpacked
_NAME = re.compile(r"rules/((?:N\d\d|L\d\d\d)(?:\.examples)?)\.yaml")
_HEAD = {"format", "name", "issuer", "region", "version", "files"}
_STAMP = (1980, 1, 1, 0, 0, 0)  # equal content gives equal bytes


@dataclass(frozen=True)
class Entry:
    """A rule of a pack: its content as data, the rule it makes, the text of its examples."""

    data: Mapping[str, Any]
    rule: Rule
    examples: str


@dataclass(frozen=True)
class Pack:
    """An opened pack. `region` is the division it is made for, `fingerprint` names the key that signed it."""

    name: str
    issuer: str
    region: str
    version: int
    fingerprint: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Heading:
    """What a pack says of itself."""

    name: str
    issuer: str
    region: str
    version: int


def sign(heading: Heading, files: Mapping[str, str], key: Ed25519PrivateKey) -> bytes:
    """The zip of a pack: `files` is path (`rules/L501.yaml`, `rules/L501.examples.yaml`) → text. Equal input gives
    equal bytes. Refuses rules that `opened` would refuse, so that nobody signs what nobody can open."""
    content = {name: text.encode() for name, text in sorted(files.items())}
    told = {
        "format": FORMAT,
        "name": heading.name,
        "issuer": heading.issuer,
        "region": heading.region,
        "version": heading.version,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in content.items()},
    }
    manifest = (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: manifest, SIGNATURE: key.sign(manifest), **content}.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data)
    opened(made.getvalue(), [key.public_key()])
    return made.getvalue()


def fingerprint(key: Ed25519PublicKey) -> str:
    """The name of a key: 64 bits in hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def opened(content: bytes, trusted: Sequence[Ed25519PublicKey]) -> Pack:
    """The rules of a pack. Refuses: no zip, no signature, a signature of no trusted key, a file that was changed, is
    missing or not named, too large a pack, a rule that does not name a shipped shape and its typed parameters or rests
    on an article that is not registered, a rule without examples."""
    archived = _unpacked(content)
    manifest = archived.pop(MANIFEST, b"")
    signer = _signer(manifest, archived.pop(SIGNATURE, b""), trusted)
    told = _told(manifest)
    for name in sorted(set(archived) | set(told["files"])):
        if name not in archived or hashlib.sha256(archived[name]).hexdigest() != told["files"].get(name):
            raise Refusal(
                "规则包里的文件与清单不符",
                where=name[:80],
                remedy="文件缺失、多出或者被改动；请向发布单位重新索取规则包",
            )
    texts = {name: _text(name, data) for name, data in archived.items()}
    entries = tuple(_entry(name, texts) for name in sorted(texts) if not name.endswith(".examples.yaml"))
    if not entries:
        raise Refusal("规则包里没有规则", where=MANIFEST, remedy="请向发布单位核实")
    return Pack(told["name"], told["issuer"], told["region"], told["version"], fingerprint(signer), entries)


def public_key(text: str) -> Ed25519PublicKey:
    """A key from its 64 hex digits."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip()))
    except ValueError as error:
        raise Refusal(
            "不是规则包的验证公钥",
            where="公钥",
            seen=text.strip()[:12],
            remedy="请填写发布单位给出的 64 位十六进制公钥",
        ) from error


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            names = [one.filename for one in members]
            if len(members) > MOST_FILES or len(set(names)) < len(names):
                raise Refusal("规则包的文件过多或者重名", where="规则包", remedy=f"最多 {MOST_FILES} 个文件，不得重名")
            return {one.filename: _member(archive, one) for one in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Refusal(
            "不是规则包",
            where="规则包",
            seen=type(error).__name__,
            remedy="请选择发布单位提供的 zip 文件，不要重新压缩",
        ) from error


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """Read with a bound: what the archive says of a member's size is not believed."""
    if one.filename not in (MANIFEST, SIGNATURE) and not _NAME.fullmatch(one.filename):
        raise Refusal(
            "规则包里有不认识的文件",
            where=one.filename[:80],
            remedy="只允许 pack.json、pack.sig 和 rules/ 下的规则、示例文件",
        )
    with archive.open(one) as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Refusal("规则包里的文件过大", where=one.filename, remedy="单个文件不超过 1 MB")
    return data


def _signer(manifest: bytes, signature: bytes, trusted: Sequence[Ed25519PublicKey]) -> Ed25519PublicKey:
    for key in trusted:
        try:
            key.verify(signature, manifest)
        except InvalidSignature:
            continue
        return key
    raise Refusal(
        "规则包的签名无效，没有读取其中任何内容",
        where=SIGNATURE,
        seen=f"受信任的公钥 {len(trusted)} 个",
        remedy="请核对发布单位的公钥是否已登记；内容被改动过的规则包不能使用，请重新索取",
    )


def _told(manifest: bytes) -> dict[str, Any]:
    try:
        told = json.loads(manifest)
    except ValueError:
        told = None
    whole = isinstance(told, dict) and set(told) == _HEAD and told["format"] == FORMAT
    typed = whole and all(isinstance(told[name], str) for name in ("name", "issuer", "region"))
    if not (typed and isinstance(told["version"], int) and isinstance(told["files"], dict)):
        raise Refusal("规则包的清单看不懂", where=MANIFEST, remedy=f"本系统读取第 {FORMAT} 版格式，请向发布单位核实")
    return dict(told)


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refusal("规则文件不是 UTF-8 文字", where=name, remedy="请按 UTF-8 保存后重新签名") from error


def _entry(name: str, texts: Mapping[str, str]) -> Entry:
    data = _yaml(name, texts[name])
    if not isinstance(data, dict):
        raise Refusal("规则文件看不懂", where=name, remedy="一个文件写一条规则")
    rule = read_rule(data, name)
    if name != f"rules/{rule.code}.yaml":
        raise Refusal("规则编码与文件名不一致", where=name, seen=rule.code, remedy="文件名即规则编码")
    law.article(rule.article)  # refuses an article that is not registered
    examples = texts.get(f"rules/{rule.code}.examples.yaml", "")
    if not read_examples(rule.code, examples):
        raise Refusal("规则没有示例", where=name, remedy="每条规则都要有示例，写明应当命中和不应命中的情形")
    return Entry(data, rule, examples)


def read_examples(code: str, text: str) -> list[Example]:
    """The examples of a rule from their YAML text; refuses what is no list of stories."""
    stories = _yaml(f"{code}.examples.yaml", text) or []
    if not isinstance(stories, list) or not all(isinstance(one, dict) and "名称" in one for one in stories):
        raise Refusal("示例看不懂", where=f"{code}.examples.yaml", remedy="写成清单，每例有“名称”和“就诊”")
    try:
        return [read_story(code, number, story) for number, story in enumerate(stories, 1)]
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise Refusal(
            "示例的内容看不懂",
            where=f"{code}.examples.yaml",
            seen=f"{type(error).__name__} {error}"[:80],
            remedy="表和字段须是国家标准中的，日期写 2026-01-31，金额和数量写数字",
        ) from error


def _yaml(name: str, text: str) -> Any:
    """Plain YAML; without references, with which a small file could unfold to any size."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise Refusal("规则文件里不允许引用（*）", where=name, remedy="请把内容写全")
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Refusal("规则文件看不懂", where=name, seen=type(error).__name__, remedy="请按 YAML 格式书写") from error
