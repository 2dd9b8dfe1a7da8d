import { escapeHtml, page } from "./page.ts";
import type { Account } from "./seed.ts";

export interface SignInPage {
  readonly email: string;
  readonly password: string;
  readonly error?: string;
  readonly accounts: readonly Account[];
}

const accountEntry = ({ email, name, roles, foreignGrants = [] }: Account): string => {
  const held = [...roles, ...foreignGrants.map(({ role }) => `${role} of another organisation only`)].join(", ");
  const href = `?account=${encodeURIComponent(email)}`;
  const label = escapeHtml(`Fill in ${name}`);
  return `<li><span>${escapeHtml(name)} <small>${escapeHtml(`${email} · ${held}`)}</small></span>
<a href="${escapeHtml(href)}" aria-label="${label}">Fill in</a></li>`;
};

const accountList = (accounts: readonly Account[]): string =>
  [...Map.groupBy(accounts, ({ organisation }) => organisation)]
    .map(
      ([organisation, people]) => `<h3>${escapeHtml(organisation)}</h3><ul>${people.map(accountEntry).join("")}</ul>`,
    )
    .join("");

/** The sign-in page: a form, and the demo people with links that fill it in. Works without scripts. */
export const signInPage = ({ email, password, error, accounts }: SignInPage): string => {
  const described = error === undefined ? "" : ' aria-invalid="true" aria-describedby="error"';
  const focus = (wanted: boolean): string => (wanted ? " autofocus" : "");
  return page(
    "Sign in to kombify",
    `<section aria-labelledby="sign-in">
<h1 id="sign-in">Sign in to kombify</h1>
<p>Development identity provider</p>
${error === undefined ? "" : `<div id="error" class="error" role="alert">${escapeHtml(error)}</div>`}
<form method="post" action="?">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${escapeHtml(email)}"${described}${focus(email === "")}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required value="${escapeHtml(password)}"${described}${focus(email !== "" && password === "")}>
<div class="actions">
<button name="action" value="sign-in"${focus(password !== "")}>Sign in</button>
<button name="action" value="cancel" class="quiet" formnovalidate>Cancel</button>
</div>
</form>
</section>
<section aria-labelledby="people">
<h2 id="people">Demo people</h2>
<p>This provider is for development only. Choose somebody to fill in the form.</p>
${accountList(accounts)}
</section>`,
  );
};
