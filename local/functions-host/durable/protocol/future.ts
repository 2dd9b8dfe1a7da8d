/**
 * Something that will be known, with continuations that run at once and in order. Promises will not do: their
 * continuations run later, while the replay must follow history one event at a time.
 */
export class Future {
  #isSettled = false;
  #isFailed = false;
  readonly #continuations: ((isFailed: boolean) => void)[] = [];

  get isSettled(): boolean {
    return this.#isSettled;
  }

  settle(isFailed = false): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#isFailed = isFailed;
    for (const continuation of this.#continuations.splice(0)) continuation(isFailed);
  }

  then(continuation: (isFailed: boolean) => void): void {
    if (this.#isSettled) continuation(this.#isFailed);
    else this.#continuations.push(continuation);
  }
}
