"""First knowledge: purchases into the warehouse, the customer dimension behind them, and scores back to customers.

- `house.warehouse()`: the warehouse of this installation, its tables made. `keys`: customers' ids ↔ warehouse keys.
- `lines.load_lines(name, batches, …)` takes Arrow batches of purchase lines of known customers, exactly once.
- Import of files: action `feeds.import_purchases`, command `zhike import purchases`, job `feeds.import_purchases`;
  `feeds.undo_purchases` takes a whole import back.
- `feed.run_feed(context)`: what is new in the stream of facts goes into the customer dimension; command `zhike feed`.
- `scoring.score(context, …)`: RFM and value pyramid written to the customers; action `insight.score`.
- Queries for screens and other doors: `insight.value`, `insight.migration`, `insight.movers`,
  `insight.purchases_of`, `insight.purchase_summary`.

The heavy engines are imported where they are used, so that an idle process stays small.
"""
