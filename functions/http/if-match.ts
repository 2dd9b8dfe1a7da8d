import type { HttpRequest } from "@azure/functions";
import { ifMatchOf } from "../../shared/gateway/request-headers.ts";

/** The revision a change is asked for on. @throws DomainError `invalid-input` without an If-Match of one revision */
export const readIfMatch = (request: HttpRequest): number => ifMatchOf((name) => request.headers.get(name));
