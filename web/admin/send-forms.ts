import type { PageAnswer } from "./request-page.ts";
import { requestPage } from "./request-page.ts";

/**
 * Sends forms marked `data-live` without leaving the page. When that fails the browser sends the form itself, the way it
 * does without a script: what a form asks for may be asked twice.
 */
export const sendForms = (root: HTMLElement, onAnswer: (answer: PageAnswer) => void): void => {
  const send = async (form: HTMLFormElement, button: HTMLElement | null): Promise<void> => {
    button?.setAttribute("aria-disabled", "true");
    const fields = [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : ""]);
    try {
      const answer = await requestPage({ method: "POST", url: form.action, body: new URLSearchParams(fields) });
      if (answer.status < 300) form.removeAttribute("data-touched");
      onAnswer(answer);
    } catch {
      form.submit();
    } finally {
      button?.removeAttribute("aria-disabled");
    }
  };
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["live"] === undefined) return;
    event.preventDefault();
    if (event.submitter?.getAttribute("aria-disabled") !== "true") void send(form, event.submitter);
  });
};
