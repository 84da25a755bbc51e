"""Which module reads which kind of plan, and how each of them behaves.

A reader is a module with::

    def read(path: Path, *, name: str) -> Schedule

- It runs in a child process with bounded time and memory and without any other work: it may
  be slow to import and may die. It never follows a reference out of the file.
- `name` is what people call the file; `Schedule.name` and the `model` of findings are `name`.
  `Schedule.source` is left empty: :func:`bimcore.formats.schedules.reading.read_schedule`
  fills in the SHA-256. `Schedule.format` is the kind.
- A file that cannot be used raises ``ScheduleError.of(CODE, name=name, ...)``; anything of
  ``ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, MemoryError,
  OSError`` that escapes becomes SCH605, so do not catch these to say the same.
- Single bad values never stop the reading: note them in a
  :class:`bimcore.formats.schedules.remarks.Remarks` (place and field named, many alike are
  joined), leave the field empty, and put ``remarks.findings()`` on the schedule.
- Tasks stand in the order of the source, parents before their children. Links hold rows.
  Nothing is computed: dates the source does not have stay None.
- Dates are local and naive; days only are the begin and the end of that working day
  (`day_start` and `day_end` of :class:`bimcore.calendars.WorkTime`).
- Shifts past midnight are split at midnight between the two days.
- New codes of a reader stand in ``codes.py``, those of Primavera and IFC (SCH620 to SCH629) in
  ``source_codes.py``; a code that is not there cannot cross from the child.
- XML is read with :func:`bimcore.formats.schedules.xmlrecords.records`, other text with
  :func:`bimcore.formats.schedules.text.decoded`; both refuse what is hostile.
"""

from collections.abc import Mapping

#: Module of each kind; a name, since a child loads only the one it needs.
READERS: Mapping[str, str] = {
    "mspdi": "bimcore.formats.schedules.mspdi",
    "csv": "bimcore.formats.schedules.tables",
    "xlsx": "bimcore.formats.schedules.tables",
    "xer": "bimcore.formats.schedules.xer",
    "p6xml": "bimcore.formats.schedules.p6xml",
    "ifc": "bimcore.ifc.worktasks",
}
