"""What the kernel and those above know of erased records goes with them.

    @forgetter
    def forget_imports(context: Context, resource: str, ids: Sequence[UUID]) -> None:
        '''Remove every copy of what is known here of these records.'''

A room that erases records calls `erase_traces` in its transaction; what others registered follows in a job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from zhike.kernel import search
from zhike.kernel.actor import Context, system
from zhike.kernel.custom import release_unique
from zhike.kernel.events import News, build_fact
from zhike.kernel.jobs import Run, enqueue, job
from zhike.kernel.models import IdempotencyKey, Share
from zhike.kernel.redaction import redact

FORGET = "erasure.forget"
Forgetter = Callable[[Context, str, Sequence[UUID]], None]
Registered = TypeVar("Registered", bound=Forgetter)
_forgetters: dict[str, Forgetter] = {}


def forgetter(work: Registered) -> Registered:
    """Register what removes copies of erased records. It runs in a job, after the erasure, and is safe to repeat."""
    _forgetters[f"{work.__module__}.{work.__qualname__}"] = work
    return work


def erase_traces(context: Context, news: News, numbers: Mapping[UUID, str], facts: Q) -> int:
    """Put an erasure on record and remove what the kernel knows of the records; in the caller's transaction.

    `numbers` are the records with their human numbers, `facts` says which facts lose their content. Returns how many
    did. What others know is forgotten by a job.
    """
    ids = list(numbers)
    said = build_fact(context, news)
    said.save(force_insert=True)
    done = redact(facts, said.uid)
    search.remove(ids)
    release_unique(ids)
    Share.objects.filter(resource=news.resource, record_id__in=ids).delete()
    answers = IdempotencyKey.objects.annotate(text=Cast("answer", TextField()))
    for record, number in numbers.items():
        answers.filter(Q(text__contains=str(record)) | Q(text__contains=number)).delete()
    # Forgetting is not bound to the rights of who asked for the erasure.
    ours = Context(system(), context.now, channel="erasure")
    enqueue(ours, FORGET, {"resource": news.resource, "ids": [str(each) for each in ids]})
    return done


@job(FORGET, title=_("Forget erased customers"))
def forget(run: Run) -> Mapping[str, Any]:
    """Let everybody forget the records."""
    ids = [UUID(each) for each in run.args["ids"]]
    for _name, work in sorted(_forgetters.items()):
        run.check()
        work(run.context, run.args["resource"], ids)
    return {"records": len(ids)}
