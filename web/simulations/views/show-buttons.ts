/** Shows some of these and hides the others. Where one is hidden that has the focus, `resting` takes it: no other button does. */
export const showButtons = (
  buttons: readonly { readonly button: HTMLElement; readonly isShown: boolean }[],
  resting: HTMLElement,
): void => {
  const hadFocus = buttons.some(({ button, isShown }) => !isShown && button === document.activeElement);
  for (const { button, isShown } of buttons) button.hidden = !isShown;
  if (hadFocus) resting.focus();
};
