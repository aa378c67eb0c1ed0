"""What a wipe will be, in plain words, before it starts: per drive what is done, the level it reaches, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.certified import Certificate, stands
from ordi.bench.counter_checks import assurance_of
from ordi.bench.jobs import RUNNING, WipeJob
from ordi.bench.plan import Plan, plan_of
from ordi.bench.verdict import Verdict
from ordi.machines.audit import Audit, How, due
from ordi.machines.drive import CounterCheck, Drive, Sanitisation, Standing, open_sightings
from ordi.machines.hardware import Hardware
from ordi.machines.machine import Machine
from ordi.machines.policy import Unmet, unmet
from web.bench.pace import Pace, pace_of, percent_of
from web.wording import wording


@dataclass(frozen=True)
class DrivePlan:
    """One drive on the wiping page."""

    number: int
    drive: Drive
    ahead: Plan
    """What a wipe of it will be."""
    job: WipeJob | None
    last: Sanitisation | None
    certificate: Certificate | None
    assurance: str | None
    checked: bool
    drawn: bool = False
    """Whether it waits for an audit."""
    lacking: Unmet | None = None
    """What its donor asks that is not done."""

    @property
    def startable(self) -> bool:
        """Whether it can be wiped now."""
        return self.unfinished and not self.ahead.refusal

    @property
    def pace(self) -> Pace | None:
        """How fast the running job goes."""
        return pace_of(self.job, self.drive.bytes) if self.job is not None and self.running else None

    @property
    def percent(self) -> int | None:
        """How far the running job is over all its steps."""
        if self.job is None or not self.running or not self.drive.bytes:
            return None
        return percent_of(self.job, self.drive.bytes, self.ahead)

    @property
    def tone(self) -> str:
        """Green only when it is proven."""
        if self.drive.standing == Standing.SANITISED:
            return "ok"
        if self.drive.standing == Standing.DESTROYED:
            return "wait"
        if self.job is not None and self.job.phase in RUNNING:
            return "now"
        if self.last is not None and self.last.generation == self.drive.generation:
            return "stop"
        return "warn"

    @property
    def failed(self) -> bool:
        """Whether the last wipe proved nothing."""
        here = self.last is not None and self.last.generation == self.drive.generation
        return here and self.dirty

    @property
    def below(self) -> bool:
        """Whether it is clean, yet not at the level its donor asks."""
        return self.lacking is not None and self.lacking.below and not self.running

    @property
    def words(self) -> str:
        """What is said of it now, in the reader's language."""
        if self.job is not None and self.running:
            return wording.phase(self.job.phase)
        return (
            wording.verdict(self.last.verdict) if self.failed and self.last else wording.standing(self.drive.standing)
        )

    @property
    def running(self) -> bool:
        """Whether a job is under way."""
        return self.job is not None and self.job.phase in RUNNING

    @property
    def unfinished(self) -> bool:
        """Whether a wipe of it is still to be started."""
        return self.dirty or self.below

    @property
    def dirty(self) -> bool:
        """Whether it still has to be wiped."""
        return self.drive.standing == Standing.HOLDS_DATA and not self.running


def plans_of(session: Session, machine: Machine, hardware: Hardware | None = None) -> list[DrivePlan]:
    """Every drive a machine holds, with its last job, what is proved, and what is asked: a fixed number of queries a clean drive.

    `hardware`: its last inventory, where what a wipe would be matters.
    """
    drives = [sighting.drive for sighting in open_sightings(session, machine)]
    ids = [drive.id for drive in drives]
    generation = {drive.id: drive.generation for drive in drives}
    jobs: dict[int, WipeJob] = {}
    for job in session.scalars(select(WipeJob).where(WipeJob.drive_id.in_(ids)).order_by(WipeJob.id)):
        if job.generation == generation[job.drive_id]:
            jobs[job.drive_id] = job
    last: dict[int, Sanitisation] = {}
    proofs: dict[int, Sanitisation] = {}
    for one in session.scalars(select(Sanitisation).where(Sanitisation.drive_id.in_(ids)).order_by(Sanitisation.id)):
        last[one.drive_id] = one
        if one.verdict == Verdict.PASS and one.generation == generation[one.drive_id]:
            proofs[one.drive_id] = one
    certificates, checks = _papers_of(session, [proof.id for proof in proofs.values()])
    audits = _audited(session, [proof.id for proof in proofs.values()])
    waiting = {one.drive_id for one in due(session, machine)}
    lacking = {one.sighting.drive_id: one for one in unmet(session, machine)}
    found = []
    for number, drive in enumerate(drives, start=1):
        proof = proofs.get(drive.id) if drive.standing == Standing.SANITISED else None
        checked = checks.get(proof.id, []) if proof else []
        found.append(
            DrivePlan(
                number=number,
                drive=drive,
                ahead=plan_of(drive, hardware),
                job=jobs.get(drive.id),
                last=last.get(drive.id),
                certificate=certificates.get(proof.id) if proof else None,
                assurance=assurance_of(proof, checked, audited=proof.id in audits) if proof else None,
                checked=bool(checked),
                drawn=drive.id in waiting,
                lacking=lacking.get(drive.id),
            )
        )
    return found


def _papers_of(session: Session, proof_ids: list[int]) -> tuple[dict[int, Certificate], dict[int, list[CounterCheck]]]:
    """The certificates that stand, and the counter-checks, of some wipes."""
    standing = select(Certificate).where(Certificate.sanitisation_id.in_(proof_ids), stands())
    certificates = {one.sanitisation_id: one for one in session.scalars(standing.order_by(Certificate.id))}
    checks: dict[int, list[CounterCheck]] = {}
    made = select(CounterCheck).where(CounterCheck.sanitisation_id.in_(proof_ids)).order_by(CounterCheck.id)
    for check in session.scalars(made):
        checks.setdefault(check.sanitisation_id, []).append(check)
    return certificates, checks


def _audited(session: Session, proof_ids: list[int]) -> set[int]:
    """Those of some wipes that our agent read whole, with success."""
    good = select(Audit.sanitisation_id).where(
        Audit.sanitisation_id.in_(proof_ids), Audit.how == How.AGENT, Audit.matched
    )
    return set(session.scalars(good))
