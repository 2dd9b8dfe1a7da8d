interface Deps {
  readonly checkDueBilling: () => Promise<void>;
  readonly reconcileBilling: () => Promise<void>;
}

/** Ends what has run out, and brings limits to Stacks that were away. */
export const checkBillingTimer = ({ checkDueBilling }: Deps) => ({
  name: "check-billing",
  schedule: "21 * * * * *",
  run: checkDueBilling,
});

/** Every night: webhooks can be lost, so every subscription is read again. */
export const reconcileBillingTimer = ({ reconcileBilling }: Deps) => ({
  name: "reconcile-billing",
  schedule: "0 40 2 * * *",
  run: reconcileBilling,
});
