import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";
import { causesOf } from "../http/http-function.ts";
import { toProblem } from "../http/problem.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { Visitor, WritePage } from "./shell.ts";

const titles: Readonly<Record<number, string>> = {
  400: "This did not work",
  401: "You are not signed in",
  403: "You may not do this",
  404: "There is nothing here",
  409: "This cannot be done now",
  503: "Not available at the moment",
};

const signInLink = html`<a class="button" href="/admin/sign-in">Sign in</a>`;
const backLink = html`<a class="button quiet" href="/admin">Go to the dashboard</a>`;

/** A page with one thing to say and one way on. */
const message = (title: string, text: string, way: Html): Html =>
  html`<section class="card stack">
    <h1>${title}</h1>
    <p>${text}</p>
    ${way}
  </section>`;

/** For people who are not signed in. Signing in begins with a click, so no answer can send a browser round in circles. */
export const signedOutPage = (writePage: WritePage): Promise<HttpResponseInit> =>
  writePage(200, {
    title: "Sign in",
    content: message("The operators' dashboard", "Sign in with an account that operates the platform.", signInLink),
  });

interface Failure {
  readonly error: unknown;
  readonly requestId: string | undefined;
  readonly context: InvocationContext;
  readonly visitor?: Visitor | undefined;
}

/** A failure as a page; its status is that of the API's problem documents. What is not foreseen is logged, and not shown. */
export const failurePage = (writePage: WritePage, failure: Failure): Promise<HttpResponseInit> => {
  const { error, requestId, context, visitor } = failure;
  const status = toProblem(error, requestId).status ?? 500;
  if (status >= 500) context.error("dashboard", requestId ?? "-", causesOf(error));
  const title = titles[status] ?? "Something went wrong";
  const text = error instanceof DomainError ? error.message : "Something went wrong on our side. It has been logged.";
  return writePage(status, { title, visitor, content: message(title, text, status === 401 ? signInLink : backLink) });
};
