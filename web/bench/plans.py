"""What a wipe will be, in plain words, before it starts: per drive what is done, the level it reaches, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.certificates import Certificate
from ordi.bench.counter_checks import assurance_of
from ordi.bench.jobs import RUNNING, Phase, WipeJob
from ordi.bench.verdict import Verdict
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Standing, open_sightings
from ordi.machines.machine import Machine
from web.wording import wording

TYPICAL = {Medium.HDD: 110, Medium.SSD: 380, Medium.NVME: 1100, Medium.EMMC: 90}
"""MB/s that a pass runs at on refurbished machines; a guess until the first progress tells better."""


@dataclass(frozen=True)
class DrivePlan:
    """One drive on the wiping page."""

    number: int
    drive: Drive
    job: WipeJob | None
    last: Sanitisation | None
    certificate: Certificate | None
    assurance: str | None
    checked: bool

    @property
    def minutes(self) -> int:
        """How long writing and reading back take, in minutes."""
        return max(1, round(2 * self.drive.bytes / (TYPICAL.get(Medium(self.drive.medium), 100) * 1e6) / 60))

    @property
    def percent(self) -> int | None:
        """How far the running job is over both passes."""
        if self.job is None or self.job.phase not in RUNNING or not self.drive.bytes:
            return None
        half = 0 if self.job.phase in (Phase.OPEN, Phase.CONFIRMED, Phase.WRITING) else 50
        whole = 100 if self.job.phase == Phase.COMMITTED else half + 50 * self.job.done_bytes // self.drive.bytes
        return min(whole, 99)

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
    def dirty(self) -> bool:
        """Whether it still has to be wiped."""
        return self.drive.standing == Standing.HOLDS_DATA and not self.running


def plans_of(session: Session, machine: Machine) -> list[DrivePlan]:
    """Every drive a machine holds, with its last job and what is proved: five queries, however many there are."""
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
    found = []
    for number, drive in enumerate(drives, start=1):
        proof = proofs.get(drive.id) if drive.standing == Standing.SANITISED else None
        checked = checks.get(proof.id, []) if proof else []
        found.append(
            DrivePlan(
                number=number,
                drive=drive,
                job=jobs.get(drive.id),
                last=last.get(drive.id),
                certificate=certificates.get(proof.id) if proof else None,
                assurance=assurance_of(proof, checked) if proof else None,
                checked=bool(checked),
            )
        )
    return found


def _papers_of(session: Session, proof_ids: list[int]) -> tuple[dict[int, Certificate], dict[int, list[CounterCheck]]]:
    """The certificates that stand, and the counter-checks, of some wipes."""
    standing = select(Certificate).where(
        Certificate.sanitisation_id.in_(proof_ids), Certificate.superseded_by_id.is_(None)
    )
    certificates = {one.sanitisation_id: one for one in session.scalars(standing.order_by(Certificate.id))}
    checks: dict[int, list[CounterCheck]] = {}
    made = select(CounterCheck).where(CounterCheck.sanitisation_id.in_(proof_ids)).order_by(CounterCheck.id)
    for check in session.scalars(made):
        checks.setdefault(check.sanitisation_id, []).append(check)
    return certificates, checks
