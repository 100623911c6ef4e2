declare module "@alpinejs/csp" {
  interface AlpineCore {
    start(): void;
    data(name: string, component: (...values: never[]) => object): void;
    store(name: string, value?: unknown): unknown;
    initTree(root: Element): void;
    destroyTree(root: Element): void;
  }
  const Alpine: AlpineCore;
  export default Alpine;
}

declare module "htmx.org/dist/ext/hx-alpine-compat.js";
