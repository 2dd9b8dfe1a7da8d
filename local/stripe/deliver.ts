import Stripe from "stripe";
import type { Ledger } from "./ledger.ts";

const timeoutMilliseconds = 10_000;
const attemptsMax = 30;
const pauseMillisecondsMax = 5_000;
const tickMilliseconds = 50;

interface Target {
  readonly url: string;
  readonly secret: string;
}

/** Sends events signed, again and again with growing pauses until they are taken. Survives a restart. */
export const startDelivery = ({ records }: Ledger, { url, secret }: Target) => {
  const underWay = new Set<Promise<void>>();
  const sending = new Set<number>();

  const post = async (eventId: string): Promise<boolean> => {
    const payload = JSON.stringify(records.find("event", eventId));
    // Signatures are of this moment, whatever the moved clock says: that is when a receiver checks them.
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
    try {
      const headers = { "content-type": "application/json; charset=utf-8", "stripe-signature": signature };
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      return (await fetch(url, { method: "POST", headers, body: payload, signal, redirect: "error" })).ok;
    } catch {
      // Not up yet, or not any more: that is what the attempts are for.
      return false;
    }
  };

  const send = async (id: number, event: string, attempts: number): Promise<void> => {
    const isTaken = await post(event);
    sending.delete(id);
    if (isTaken || attempts + 1 >= attemptsMax) records.endDelivery(id);
    else records.delayDelivery(id, Date.now() + Math.min(pauseMillisecondsMax, 100 * 2 ** attempts));
  };

  const tick = (): void => {
    for (const { id, event, attempts } of records.dueDeliveries(Date.now())) {
      if (sending.has(id)) continue;
      sending.add(id);
      const work = send(id, event, attempts).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  };
  const timer = setInterval(tick, tickMilliseconds);
  return {
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
};
