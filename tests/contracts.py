"""Contracts of the import-linter that its own kinds do not cover; named in `.importlinter`."""

from __future__ import annotations

import grimp
from importlinter import Contract, ContractCheck, fields, output

_PRIVATE = ("models", "migrations", "handlers")


class PrivateContract(Contract):
    """Models, migrations and handlers of a room are imported by that room alone; handlers also by wiring.

    Options: `shared_ground` lists packages that are no rooms, whose `models` mean something else.
    """

    shared_ground = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import of a private module."""
        root = str(self.session_options["root_packages"][0])
        ground: set[str] = set(getattr(self, "shared_ground", None) or ())
        broken = [
            (importer, module)
            for room in sorted(graph.find_children(root) - ground)
            for module in sorted(_private_modules(graph, room))
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if not _allowed(importer, module, room, root)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print who reached into whose room."""
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} may not import {module}: it is private to its room", bold=False)


def _private_modules(graph: grimp.ImportGraph, room: str) -> set[str]:
    tops = {f"{room}.{name}" for name in _PRIVATE} & graph.modules
    return tops.union(*(graph.find_descendants(top) for top in tops))


def _allowed(importer: str, module: str, room: str, root: str) -> bool:
    if importer == room or importer.startswith(f"{room}."):
        return True
    return importer == f"{root}.wiring" and module.startswith(f"{room}.handlers")
