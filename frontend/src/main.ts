import "./styles/app.scss";
import { Alpine } from "./globals.ts";
import "htmx.org/dist/ext/hx-alpine-compat.js";

Alpine.start();
