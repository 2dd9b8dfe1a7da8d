import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { element } from "../../page/element.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { failureNotice } from "../views/failure-notice.ts";
import type { Drawer } from "../dock/dock.ts";
import type { OneDeps } from "../one/one-deps.ts";
import { closeWords } from "./close-words.ts";
import { beginStrictStyles } from "./strict-styles.ts";
import type { TerminalSocket } from "./terminal-socket.ts";
import { openTerminalSocket } from "./terminal-socket.ts";

const look = {
  fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSize: 14,
  cursorBlink: false,
  minimumContrastRatio: 4.5,
  theme: { background: "#0e1116", foreground: "#e9ecf0", cursor: "#8ab4f8", selectionBackground: "#3a5a8c" },
} as const;

const encoder = new TextEncoder();
/** Bytes that are no text come as characters of one byte each. */
const bytesOf = (binary: string) => Uint8Array.from(binary, (character) => character.charCodeAt(0));

const isLeaving = ({ type, ctrlKey, shiftKey, code }: KeyboardEvent): boolean =>
  type === "keydown" && ctrlKey && shiftKey && code === "KeyL";

const screenReaderChoice = (terminal: Terminal): HTMLElement => {
  const box = element("input", { type: "checkbox", id: "screen-reader" });
  box.addEventListener("change", () => {
    terminal.options.screenReaderMode = box.checked;
    terminal.focus();
  });
  return element("label", { class: "check", for: "screen-reader" }, box, "For screen readers");
};

/** A terminal that fills its place, under the page's policy. */
const makeScreen = (name: string) => {
  const terminal = new Terminal(look);
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  const place = element("div", { class: "shell", role: "group", "aria-label": name });
  let endStyles = (): void => undefined;
  const sizes = new ResizeObserver(() => fit.fit());
  return {
    terminal,
    place,
    start: (): void => {
      endStyles = beginStrictStyles();
      terminal.open(place);
      terminal.textarea?.setAttribute("aria-label", `${name}. Control, Shift and L leaves it.`);
      fit.fit();
      sizes.observe(place);
    },
    close: (): void => {
      sizes.disconnect();
      terminal.dispose();
      endStyles();
    },
  };
};

interface Session {
  readonly state: HTMLElement;
  readonly problems: HTMLElement;
  readonly again: HTMLButtonElement;
  readonly connect: () => Promise<void>;
  readonly close: () => void;
}

/** Connects a screen with a shell, and says when it is over; then it can be connected again. */
const makeSession = ({ api, id, signInEnded }: OneDeps, node: string, terminal: Terminal): Session => {
  const state = element("p", { class: "soft", role: "status" });
  const problems = element("div", { class: "wide" });
  const again = element("button", { type: "button", class: "compact", hidden: true }, "Open it again");
  let socket: TerminalSocket | undefined;
  let isClosed = false;
  const isGone = (): boolean => isClosed;
  const over = (words: string): void => {
    if (isClosed) return;
    state.textContent = words;
    again.hidden = false;
    terminal.options.disableStdin = true;
  };
  const listeners = {
    onOpen: (): void => {
      state.textContent = "Connected.";
      terminal.options.disableStdin = false;
      terminal.focus();
    },
    onOutput: (bytes: Uint8Array): void => terminal.write(bytes),
    onClose: (end: Parameters<typeof closeWords>[0]): void => over(closeWords(end)),
  };
  terminal.onData((text) => socket?.send(encoder.encode(text)));
  terminal.onBinary((binary) => socket?.send(bytesOf(binary)));
  terminal.onResize(({ cols, rows }) => socket?.resize(cols, rows));
  return {
    ...{ state, problems, again },
    connect: async () => {
      again.hidden = true;
      problems.replaceChildren();
      state.textContent = "Connecting.";
      try {
        const ticket = await api.terminalTicket(id, node, terminal.cols, terminal.rows);
        if (!isGone()) socket = openTerminalSocket(ticket, listeners);
      } catch (cause) {
        const error = toApiError(cause);
        if (error.facts.status === 401) signInEnded();
        over("The terminal could not be opened.");
        problems.replaceChildren(failureNotice(error));
      }
    },
    close: () => {
      isClosed = true;
      socket?.close();
    },
  };
};

/** A shell in a node. `leave` is where the focus goes when somebody leaves it by keyboard. */
export const terminalDrawer = (deps: OneDeps, node: string, leave: () => void): Drawer => {
  const screen = makeScreen(`Terminal in ${node}`);
  const { terminal, place } = screen;
  const { state, problems, again, connect, close } = makeSession(deps, node, terminal);
  again.addEventListener("click", () => {
    terminal.reset();
    void connect();
  });
  terminal.attachCustomKeyEventHandler((event) => {
    if (!isLeaving(event)) return true;
    event.preventDefault();
    leave();
    return false;
  });
  const keys = element("p", { class: "soft small" }, "While you type in it, the keyboard belongs to the terminal. ");
  keys.append(element("kbd", {}, "Ctrl+Shift+L"), " leaves it.");
  return {
    title: `Terminal in ${node}`,
    root: element(
      "div",
      { class: "stack wide" },
      element("div", { class: "row spread" }, keys, screenReaderChoice(terminal)),
      place,
      element("div", { class: "row" }, state, again),
      problems,
    ),
    start: () => {
      screen.start();
      void connect();
    },
    close: () => {
      close();
      screen.close();
    },
  };
};
