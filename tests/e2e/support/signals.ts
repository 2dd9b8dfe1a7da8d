/** Holds processes still while `act` runs, as a machine that hangs does; they go on afterwards in any case. */
export const whileStopped = async <T>(pids: readonly number[], act: () => Promise<T>): Promise<T> => {
  pids.forEach((pid) => process.kill(pid, "SIGSTOP"));
  try {
    return await act();
  } finally {
    pids.forEach((pid) => process.kill(pid, "SIGCONT"));
  }
};

/** Kills at once, as the kernel does when memory is short; false when it was gone already. */
export const killNow = (pid: number): boolean => {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
};
