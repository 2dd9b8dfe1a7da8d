import { once } from "node:events";
import { createServer } from "node:net";

/** Gives a claim back. */
export type LetGo = () => Promise<void>;

/**
 * Claims a port among platforms of this machine, also for the moments in which nobody listens on it: a part that is killed is
 * started again on its port, and another platform must not have taken it meanwhile, whose data its neighbours would then be
 * served. A socket of the kernel's abstract namespace stands for the claim; it ends with its process, however that ends.
 * Undefined: another platform has the port. Systems without such sockets have no claims.
 */
export const claimPort = async (port: number): Promise<LetGo | undefined> => {
  if (process.platform !== "linux") return () => Promise.resolve();
  const claim = createServer((connection) => connection.destroy());
  claim.unref();
  claim.listen(`\0kombify-port-${port}`);
  try {
    await once(claim, "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
  return async () => {
    const closed = once(claim, "close");
    claim.close();
    await closed;
  };
};
