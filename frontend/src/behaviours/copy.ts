/** Buttons marked `data-copy="text"` put the text on the clipboard. */
import { on, word } from "../dom.ts";
import { toast } from "./toasts.ts";

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ message: word("copied"), kind: "info" });
  } catch {
    toast({ message: text, kind: "warning" });
  }
}

export function startCopy(): void {
  on("click", "[data-copy]", (_event, button) => void copy(button.dataset["copy"] ?? ""));
  on("click", "[data-back]", (event) => {
    event.preventDefault();
    history.back();
  });
}
