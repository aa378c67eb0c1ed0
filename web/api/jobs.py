"""`GET /jobs`, `POST /jobs/{job}/progress`, `POST /jobs/{job}/answers`: what a session is asked, and how it goes."""

from __future__ import annotations

from sqlalchemy import select

from ordi.bench.certificates import is_belied, issue
from ordi.bench.jobs import NoSuchJob, Phase, WipeJob, open_jobs, signed
from ordi.bench.judging import Outcome, answer
from ordi.bench.under_way import progress
from ordi.bench.verdict import Verdict
from web.api import blueprint
from web.api.bodies import shaped, the_body
from web.api.messages import Answers, Progress
from web.api.sessions import POLL_S, Answer
from web.api.signed import fresh, the_bench
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.session import db, writes


@blueprint.get("/v1/jobs")
@permission("machine")
@writes
def jobs() -> dict[str, object]:
    """The open jobs of the session that asks."""
    bench = the_bench(even_over=True)
    fresh(bench)
    key = keyring().signing("job", now())
    told = [signed(job, key) for job in open_jobs(db(), bench, at=now())]
    db().commit()
    return {"session_state": bench.state(now()), "poll_after_s": POLL_S, "jobs": told}


@blueprint.post("/v1/jobs/<job>/progress")
@permission("machine")
def job_progress(job: str) -> dict[str, object]:
    """Note how far a job has come; answer whether to stop."""
    bench = the_bench()
    body = shaped(Progress, the_body())
    fresh(bench)
    found = db().scalar(select(WipeJob).where(WipeJob.uuid == job, WipeJob.bench_session_id == bench.id))
    if found is None or body.job != job:
        raise NoSuchJob()
    phase = Phase(body.phase)
    stop = progress(
        db(), found, seq=body.seq, phase=phase, done=body.bytes, errors=body.errors, reason=body.reason, at=now()
    )
    db().commit()
    return {"cancel": stop}


@blueprint.post("/v1/jobs/<job>/answers")
@permission("machine")
def job_answers(job: str) -> Answer:
    """Judge a wipe or a counter-check by what was read at the drawn places."""
    bench = the_bench()
    body = shaped(Answers, the_body())
    if body.job != job:
        raise NoSuchJob()
    outcome = answer(db(), bench, job, body.answers, at=now())
    code = certify(outcome)
    db().commit()
    judgement = outcome.judgement
    if judgement is None:  # a part of an audit: there is more to read, or the server has its sums to do
        return {"verdict": None, "reasons": [], "certificate": None}, 201
    return {"verdict": judgement.verdict, "reasons": list(judgement.reasons), "certificate": code}, 201


def certify(outcome: Outcome) -> str | None:
    """Issue the certificate of what was just proved; a counter-check that agrees issues a new one, with K published."""
    if outcome.proof is None or outcome.judgement is None or outcome.judgement.verdict != Verdict.PASS:
        return None
    if is_belied(db(), outcome.proof):
        return None
    checked = outcome.commit is None
    key = keyring().signing("certificate", now())
    return issue(db(), outcome.proof, key, at=now(), publish_key=checked).code
