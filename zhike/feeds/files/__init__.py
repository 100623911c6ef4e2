"""Customers' files: reading them whatever they are, and writing them so that they come back equal.

Pure Python without models; import from the modules, which are the door:

- `detect.detect(path, encoding=, delimiter=, sheet=) -> Detected`: what the file is; `.options` is how to read it.
- `tabular.open_table(path, options=) -> Table`: `.columns`, `.chunks(size, after=) -> Iterator[Chunk]` with
  `.rows` as `(source_row, cells)`, `.refused`, `.last_row` (the checkpoint) and `.position` of `.size`.
- `mapping.suggest(columns, samples, targets) -> list[Suggestion]`: columns to fields, with score and reasons.
- `values.parse_number | parse_money | parse_boolean | parse_date | parse_moment`: value or `Message`.
- `purchases.open_purchases(path, mapping, options=) -> PurchaseTable`: `.batches(after=)` as Arrow, `.totals`;
  `presets.load_preset(name) -> Preset` has `.options` and `.mapping`.
- `writers.CsvWriter | XlsxWriter | write_cards`: streams out; `refused.RefusedFile`: the rows that were refused.
- `messages.FileRefused` is raised for a file that cannot be read, `RefusedRow` stands for a row, `Message` for
  the reason; all translate themselves when turned into text. `options.TableOptions` and `Limits` go to JSON.

A source row is the number that a spreadsheet program shows. Reading takes constant memory; workbooks are parsed
in a child process with limits (`sandbox`), after `archive_guard` has judged them.
"""
