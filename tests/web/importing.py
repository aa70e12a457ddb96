"""Tables handed in through the pages, their drafts applied, and the work beside the requests waited for."""

from __future__ import annotations

import io

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.site import NUMBER, Site, post
from web.running import Job, Running

HOME = "/register/imports"
HEADINGS = "发票代码,发票号码,开票日期,金额,税额,价税合计,销方识别号,销方名称,购方识别号,购买方名称,发票状态\n"


def row(number: str, total: str = "106.00", status: str = "正常", day: str = "2026-07-24") -> str:
    """A line of the tax bureau's table."""
    seller, buyer = "91110108MAEY9WLP8G,北京示例文具有限公司", ",北京示例科技有限公司"
    return f",{number},{day},100.00,6.00,{total},{seller},{buyer},{status}\n"


TABLE = HEADINGS + row(NUMBER) + row("123")
FOREIGN = "单据号,票面号码,开票日,含税金额,供应商\nA1,{number},2026-07-24,106.00,北京示例文具有限公司\n"


def hand_in(site: Site, client: FlaskClient, table: str, source: str = "tax-bureau", **more: str) -> Job:
    """Upload a table and wait until it is read."""
    file = {"file": (io.BytesIO(table.encode()), "表.csv"), "source": source}
    return finished(site, post(client, HOME, {**file, **more}))


def finished(site: Site, answer: TestResponse) -> Job:
    """The work that an answer leads to, at its end."""
    assert answer.status_code == 302, answer.text
    work: Running[Job] = site.app.extensions["running"]
    job = work.find(token_of(answer))
    assert job is not None, answer.location
    assert job.finished.wait(30)
    return job


def token_of(answer: TestResponse) -> str:
    return str(answer.location).rsplit("/", 1)[-1]


def apply(site: Site, client: FlaskClient, number: int) -> Job:
    """Apply a draft and wait for its end."""
    return finished(site, post(client, f"{HOME}/{number}/apply"))


def bring(site: Site, client: FlaskClient, table: str, source: str = "tax-bureau") -> int:
    """Hand in a table and apply it; returns the import's id."""
    job = hand_in(site, client, table, source)
    assert job.import_id is not None, (job.error, job.detail)
    apply(site, client, job.import_id)
    return job.import_id
