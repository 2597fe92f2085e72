"""The invented district: its units, and who works where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.demo.stage import Stage
from casework.security.names import fold_name
from casework.security.passwords import DEMO_PASSWORD, hash_password
from casework.staff.usecases import found_unit, give_unit_grant, open_account

DISTRICT = ("NH", "南海区医务社会工作网络", "Nanhai Medical Social Work Network")

HOSPITALS: Mapping[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {
    "NH1": (
        "映湖医院",
        "Yinghu Hospital",
        (
            ("internal", "内科三病区", "Internal Medicine 3"),
            ("surgery", "骨科病区", "Orthopaedics"),
            ("oncology", "肿瘤科病区", "Oncology"),
            ("neurology", "神经内科病区", "Neurology"),
        ),
    ),
    "NH2": (
        "云溪医院",
        "Yunxi Hospital",
        (
            ("internal", "内科一病区", "Internal Medicine 1"),
            ("renal", "肾内科与血液透析中心", "Nephrology and Dialysis"),
            ("emergency", "急诊留观区", "Emergency Observation"),
        ),
    ),
    "NH3": (
        "丹岭医院",
        "Danling Hospital",
        (
            ("surgery", "创伤外科病区", "Trauma Surgery"),
            ("geriatrics", "老年科病区", "Geriatrics"),
            ("rehabilitation", "康复科病区", "Rehabilitation"),
        ),
    ),
    "NH4": (
        "观澜妇儿医院",
        "Guanlan Women and Children's Hospital",
        (
            ("maternity", "产科病区", "Maternity"),
            ("paediatrics", "儿童血液科病区", "Paediatric Haematology"),
            ("oncology", "乳腺科病区", "Breast Care"),
        ),
    ),
    "NH5": (
        "樵岭医院",
        "Qiaoling Hospital",
        (
            ("internal", "内科二病区", "Internal Medicine 2"),
            ("surgery", "外科病区", "Surgery"),
            ("psychosomatic", "心身科病区", "Psychosomatic Medicine"),
        ),
    ),
    "NH6": (
        "安和医院",
        "Anhe Hospital",
        (
            ("palliative", "安宁疗护病区", "Palliative Care"),
            ("geriatrics", "老年医学科病区", "Elderly Care"),
            ("neurology", "神经康复病区", "Neurological Rehabilitation"),
            ("oncology", "肿瘤综合病区", "General Oncology"),
        ),
    ),
}
"""Code, names and wards; each ward with the kind of stories that happen there."""

TOWNS = {
    "GC": ("桂城街道", "Guicheng", (("春晖", "Chunhui"), ("榕荫", "Rongyin"))),
    "DL": ("大沥镇", "Dali", (("荷塘", "Hetang"), ("梅园", "Meiyuan"))),
    "SS": ("狮山镇", "Shishan", (("松岗里", "Songgangli"), ("罗湖里", "Luohuli"))),
    "LS": ("里水镇", "Lishui", (("河畔", "Hepan"),)),
    "XQ": ("西樵镇", "Xiqiao", (("樵湖", "Qiaohu"),)),
}
"""Code and names of the towns, with the community health centres of each."""


@dataclass(frozen=True)
class Member:
    """One of the staff: a role at each of some units."""

    sign_in_name: str
    name: str
    role: str
    units: tuple[str, ...]


NAMED = (
    Member("nurse", "梁晓彤", "referrer", ("NH1",)),
    Member("worker", "陈思齐", "worker", ("NH1",)),
    Member("colleague", "何嘉敏", "worker", ("NH1",)),
    Member("supervisor", "黄慧贞", "supervisor", ("NH1",)),
    Member("coordinator", "区咏诗", "coordinator", ("NH1",)),
    Member("chief", "招颖芝", "coordinator", ("NH",)),
    Member("fund", "麦健聪", "fund_officer", ("NH",)),
    Member("fund2", "伦思敏", "fund_officer", ("NH",)),
    Member("committee1", "冼国梁", "committee", ("NH",)),
    Member("committee2", "谭婉仪", "committee", ("NH",)),
    Member("committee3", "邓卓然", "committee", ("NH",)),
    Member("committee4", "屈若凡", "committee", ("NH",)),
    Member("finance", "关佩珊", "finance", ("NH",)),
    Member("finance2", "植永康", "finance", ("NH",)),
    Member("mediator", "潘正言", "mediator", ("NH",)),
    Member("purchaser", "陆文韬", "purchaser", ("NH",)),
    Member("auditor", "叶明澈", "auditor", ("NH",)),
    Member("admin", "钟志远", "administrator", ("NH",)),
)
"""Who can sign in; the patient comes with a case."""

NURSES = ("罗静雯", "郭小满", "简秋婷", "卢清和", "庞若兰")
WORKERS = ("吴晓岚", "张以宁", "林语桐", "刘安琪", "杨牧之")
COORDINATORS = ("周敏仪", "曾景行", "霍思源", "岑念慈", "欧阳静")
CENTRE_NURSES = ("马丽芬", "温少珍", "甘雪莹", "莫小慧", "苏婷婷", "孔令仪", "利美玲", "招素心")


def found_district(stage: Stage, since: datetime) -> None:
    """Found the units and let everybody work there since a moment."""
    work = stage.work("", since)

    def found(parent: str | None, kind: str, code: str, chinese: str, english: str, phone: str = "") -> None:
        stage.units[code] = found_unit(
            work,
            parent=stage.units[parent] if parent else None,
            kind=kind,
            code=code,
            names={"zh_Hans": chinese, "en": english},
            phone=phone,
        )

    found(None, "district", *DISTRICT)
    for number, (code, (chinese, english, wards)) in enumerate(HOSPITALS.items(), 1):
        found("NH", "hospital", code, chinese, english, f"0757-0555{number}000")
        for letter, (_kind, ward, ward_english) in zip("ABCD", wards, strict=False):
            found(code, "ward", f"{code}{letter}", ward, ward_english)
    for code, (chinese, english, centres) in TOWNS.items():
        found("NH", "town", code, chinese, english)
        for number, (name, plain) in enumerate(centres, 1):
            title, plain_title = f"{name}社区卫生服务中心", f"{plain} Community Health Centre"
            found(code, "centre", f"{code}{number}", title, plain_title)
    for member in members():
        _employ(stage, member, since)
    _let_sign_in(stage)


def members() -> Iterator[Member]:
    """All staff: those who can sign in, then those who are only met in the records."""
    yield from NAMED
    others = list(HOSPITALS)[1:]
    for code, nurse, worker, coordinator in zip(others, NURSES, WORKERS, COORDINATORS, strict=True):
        short = code.lower()
        yield Member(f"{short}-nurse", nurse, "referrer", (code,))
        yield Member(f"{short}-worker", worker, "worker", (code,))
        yield Member(f"{short}-coordinator", coordinator, "coordinator", (code,))
    for code, nurse in zip(centre_codes(), CENTRE_NURSES, strict=True):
        yield Member(f"{code.lower()}-nurse", nurse, "referrer", (code,))
    yield Member("network-supervisor", "司徒慧心", "supervisor", (*others, *TOWNS))
    yield Member("community-coordinator", "方乐怡", "coordinator", tuple(TOWNS))
    yield Member("community-worker", "蔡向阳", "worker", tuple(TOWNS))


def centre_codes() -> list[str]:
    """The codes of the community health centres."""
    return [f"{code}{number}" for code, town in TOWNS.items() for number in range(1, len(town[2]) + 1)]


def _employ(stage: Stage, member: Member, since: datetime) -> None:
    work = stage.work("", since)
    account = open_account(work, sign_in_name=member.sign_in_name, name=member.name, password=None)
    for unit in member.units:
        give_unit_grant(
            work,
            account_id=account.id,
            role=member.role,
            unit_id=stage.units[unit].id,
            reason="示范网络成立",
        )
    stage.accounts[member.sign_in_name] = account


def _let_sign_in(stage: Stage) -> None:
    """Give all of them the one password that everybody knows, which no real account may choose."""
    known = hash_password(DEMO_PASSWORD)
    for member in NAMED:
        stage.accounts[fold_name(member.sign_in_name)].password_hash = known


def admit_patient(stage: Stage, name: str, person_id: int, since: datetime) -> None:
    """Open the account by which the patient follows the case on the portal."""
    account = open_account(
        stage.work("", since),
        sign_in_name="patient",
        name=name,
        password=None,
        kind="portal",
        person_id=person_id,
    )
    account.password_hash = stage.accounts["worker"].password_hash
    stage.accounts["patient"] = account
