import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedReport {
  readonly method: string;
  readonly path: string;
  readonly signature: string;
  readonly contentType: string;
  /** The raw bytes as text: what the signature is about. */
  readonly body: string;
}

/** A control plane that takes health reports. `answer` is a status; "never" keeps the caller waiting. */
export interface ReportReceiver {
  readonly url: string;
  readonly received: readonly ReceivedReport[];
  answer: number | "never";
  close(): Promise<void>;
}

export const startReportReceiver = async (): Promise<ReportReceiver> => {
  const received: ReceivedReport[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        method: request.method ?? "",
        path: request.url ?? "",
        signature: String(request.headers["x-kombify-signature"]),
        contentType: request.headers["content-type"] ?? "",
        body: Buffer.concat(chunks).toString("utf8"),
      });
      if (receiver.answer !== "never") response.writeHead(receiver.answer).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: ReportReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/internal/instances/stack-1/health`,
    received,
    answer: 202,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return receiver;
};
