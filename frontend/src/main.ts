import "./styles/app.scss";
import { Alpine } from "./globals.ts";
import "htmx.org/dist/ext/hx-alpine-compat.js";
import { startCells } from "./behaviours/cells.ts";
import { startColumns } from "./behaviours/columns.ts";
import { startCopy } from "./behaviours/copy.ts";
import { startDates } from "./behaviours/dates.ts";
import { startDialogs } from "./behaviours/dialogs.ts";
import { startFiles } from "./behaviours/files.ts";
import { startGroups } from "./behaviours/groups.ts";
import { startGuard } from "./behaviours/guard.ts";
import { startLook } from "./behaviours/look.ts";
import { startMenus } from "./behaviours/menus.ts";
import { startPalette } from "./behaviours/palette.ts";
import { startPasskeys } from "./behaviours/passkeys.ts";
import { startRequests } from "./behaviours/requests.ts";
import { startSelection } from "./behaviours/selection.ts";
import { startShortcuts } from "./behaviours/shortcuts.ts";
import { startToasts } from "./behaviours/toasts.ts";
import { startWidths } from "./behaviours/widths.ts";
import { startIslands } from "./islands.ts";

for (const start of [
  startRequests, startToasts, startLook, startMenus, startGuard, startDialogs, startCopy, startPalette,
  startSelection, startCells, startColumns, startPasskeys, startShortcuts, startWidths, startGroups, startDates, startFiles,
  startIslands,
]) start();

Alpine.start();
