import { expect, it } from "vitest";
import { readOperatorSettings } from "./operator-settings.ts";

it.each(["https://alerts.example/kombify?key=1", "http://127.0.0.1:9000/alerts"])("passes %s on", (url) => {
  expect(readOperatorSettings({ ALERT_WEBHOOK_URL: url, PATH: "/bin" })).toEqual({ ALERT_WEBHOOK_URL: url });
});

it.each([undefined, ""])("sends no alerts for %j", (url) => {
  expect(readOperatorSettings({ ALERT_WEBHOOK_URL: url })).toEqual({});
});

it.each(["alerts.example/kombify", "file:///etc/passwd", "ftp://alerts.example", "nonsense secret"])(
  "refuses %s without repeating it",
  (url) => {
    const read = () => readOperatorSettings({ ALERT_WEBHOOK_URL: url });
    expect(read).toThrow("ALERT_WEBHOOK_URL is not an http or https address.");
    expect(read).not.toThrow(url);
  },
);
