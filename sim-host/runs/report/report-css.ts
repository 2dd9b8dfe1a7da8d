/** The palette of the platform's pages, and no more than one page needs. In the program, which needs no file beside it. */
export const reportCss = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --raised: #f0f2f5; --ink: #171b21; --soft:
  #545d68; --line: #d5dae1; --edge: #7b8694; --accent: #0b57d0; --good: #146c2e; --good-ground: #e2f5e8; --warn:
  #7a4d00; --warn-ground: #fdf1d8; --warn-line: #d9a93f; --bad: #b3261e; --bad-ground: #fdecea; --shadow: 0 1px
  2px #10182814, 0 4px 16px #1018280a; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1116; --card: #171b21; --raised: #20262e; --ink:
  #e9ecf0; --soft: #a6b0bc; --line: #2d353f; --edge: #77828f; --accent: #8ab4f8; --good: #8fd6a3; --good-ground:
  #15301d; --warn: #f2c66d; --warn-ground: #362a10; --warn-line: #7d6126; --bad: #f2b8b5; --bad-ground: #3d1b1a;
  --shadow: 0 1px 2px #0008; } }
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere; font: 1rem/1.55
  system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { display: grid; gap: 1.25rem; width: min(100%, 72rem); margin: 0 auto; padding: clamp(1.25rem, 4vw, 2.5rem)
  clamp(1rem, 4vw, 2rem); }
main > * { min-width: 0; }
h1, h2 { line-height: 1.2; margin: 0; letter-spacing: -0.01em; text-wrap: balance; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2rem); }
h2 { font-size: 1.15rem; }
p, ul, dl, dd { margin: 0; }
code, pre { font: 0.9em ui-monospace, "Cascadia Mono", Menlo, monospace; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.soft { color: var(--soft); }
.block { display: block; font-size: 0.875rem; font-weight: 400; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path:
  inset(50%); white-space: nowrap; }
header { display: grid; gap: 0.35rem; }
.over { color: var(--soft); font-size: 0.875rem; }
.verdict { display: grid; gap: 0.15rem; padding: 1rem 1.25rem; border-radius: 0.75rem; background: var(--raised);
  border: 1px solid var(--line); }
.verdict.good { background: var(--good-ground); border-color: var(--good); }
.verdict.bad { background: var(--bad-ground); border-color: var(--bad); }
.verdict .outcome { font-size: 1.35rem; gap: 0.6rem; }
.verdict .icon { width: 1.4rem; height: 1.4rem; }
.outcome { display: inline-flex; align-items: center; gap: 0.4rem; font-weight: 600; white-space: nowrap; }
.outcome.good { color: var(--good); }
.outcome.bad { color: var(--bad); }
.outcome.soft { color: var(--soft); }
.icon { width: 1rem; height: 1rem; flex: none; fill: currentColor; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10rem, 100%), 1fr)); gap: 0.75rem; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 0.55rem; padding: 0.6rem
  0.85rem; }
.facts dt { color: var(--soft); font-size: 0.85rem; }
.facts dd { font-weight: 600; font-size: 1.1rem; }
.card { display: grid; gap: 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius:
  0.75rem; box-shadow: var(--shadow); padding: clamp(1rem, 3vw, 1.5rem); min-width: 0; }
.scroll { position: relative; overflow-x: auto; overflow-wrap: break-word; }
.picture { display: block; width: 100%; min-width: 44rem; height: auto; }
.picture.slim { display: none; min-width: 0; max-width: 30rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.6rem 1.25rem 0.6rem 0; border-bottom: 1px solid
  var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: 0.85rem; white-space: nowrap; }
tbody th { min-width: 9rem; font-weight: 600; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.failed > :first-child { box-shadow: inset 3px 0 var(--bad); padding-left: 0.75rem; }
summary { cursor: pointer; color: var(--accent); font-size: 0.875rem; width: fit-content; }
details ul { padding-left: 1.2rem; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; font-size: 0.875rem; color: var(--soft); padding:
  0; list-style: none; }
.legend svg { width: 1.1rem; height: 1.1rem; vertical-align: -0.2rem; margin-right: 0.35rem; min-width: 0;
  display: inline; }
pre { margin: 0; padding: 0.85rem 1rem; background: var(--raised); border-radius: 0.55rem; overflow-x: auto; }
svg text { fill: var(--ink); font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.axis line { stroke: var(--line); }
.axis .edge { stroke: var(--edge); }
.axis text { fill: var(--soft); font-size: 12px; text-anchor: middle; }
svg .title { fill: var(--soft); font-size: 12px; font-weight: 600; }
svg .mark { font-size: 12px; }
svg .mark.before { text-anchor: end; }
.band { fill: var(--warn-line); opacity: 0.1; }
.bar { fill: var(--warn-ground); stroke: var(--warn-line); }
.point { fill: var(--warn); }
.bar.missed, .point.missed { fill: var(--card); stroke: var(--bad); stroke-dasharray: 4 3; }
.window { fill: var(--raised); stroke: var(--line); }
.window.failed { stroke: var(--bad); }
.dot { fill: none; stroke-width: 9; stroke-linecap: round; }
.hole { fill: none; stroke: var(--card); stroke-width: 4.5; stroke-linecap: round; }
.dot.good { stroke: var(--good); }
.dot.bad { stroke: var(--bad); }
.dot.bad { stroke-width: 11; }
.dot.open { stroke: var(--edge); }
@media (max-width: 40rem) { .picture.broad { display: none; } .picture.slim { display: block; } thead { position:
  absolute; display: block; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; } table, tbody, tbody :is(th, td) { display: block; }
  tbody tr { display: grid; gap: 0.3rem; padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; } tbody :is(th, td) { padding: 0; border: 0; min-width: 0; }
  tbody th { order: -1; } td.figure { text-align: left; white-space: normal; } td:empty { display: none; }
  td::before { content: attr(data-column) ": "; color: var(--soft); } tr.failed { padding-left: 0.75rem;
  box-shadow: inset 3px 0 var(--bad); } tr.failed > :first-child { padding-left: 0; box-shadow: none; } }
@media print { body { background: #fff; } .card, .facts div { box-shadow: none; break-inside: avoid; } }
`;
