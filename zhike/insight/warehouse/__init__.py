"""The warehouse: Delta tables under one root, written exactly once, read by DuckDB.

warehouse = Warehouse(root)
create(warehouse)
append(warehouse, PURCHASE, lines, application="feed:purchases", version=position)
compact(warehouse, PURCHASE)
rfm(purchase_documents(warehouse), grain="document", as_of=…, period=…)
"""

from zhike.insight.warehouse.calendar import calendar, write_calendar
from zhike.insight.warehouse.errors import WarehouseBusy, WarehouseError, WarehouseFull, WrongRows
from zhike.insight.warehouse.history import CHANGE, forget_customers, merge_customers
from zhike.insight.warehouse.read import backend, customers_as_of, purchases, purchases_of, query, relation
from zhike.insight.warehouse.schema import Column, Table, catalogue
from zhike.insight.warehouse.store import Warehouse, Written, append, create, position, remove, replace
from zhike.insight.warehouse.summaries import purchase_documents
from zhike.insight.warehouse.tables import CALENDAR, CUSTOMER, CUSTOMER_SCORE, PURCHASE, TABLES
from zhike.insight.warehouse.upkeep import TableState, compact, is_scattered, state, vacuum

__all__ = [
    "CALENDAR",
    "CHANGE",
    "CUSTOMER",
    "CUSTOMER_SCORE",
    "PURCHASE",
    "TABLES",
    "Column",
    "Table",
    "TableState",
    "Warehouse",
    "WarehouseBusy",
    "WarehouseError",
    "WarehouseFull",
    "Written",
    "WrongRows",
    "append",
    "backend",
    "calendar",
    "catalogue",
    "compact",
    "create",
    "customers_as_of",
    "forget_customers",
    "is_scattered",
    "merge_customers",
    "position",
    "purchase_documents",
    "purchases",
    "purchases_of",
    "query",
    "relation",
    "remove",
    "replace",
    "state",
    "vacuum",
    "write_calendar",
]
