import { createHash } from 'node:crypto'
import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import type { FastifyReply } from 'fastify'
import type { Persona } from './personas.ts'

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif;
  --page: light-dark(#f4f5f8, #12151c); --card: light-dark(#fff, #1b202b); --text: light-dark(#171b26, #eceff6);
  --quiet: light-dark(#545d72, #a6b0c6); --line: light-dark(#d5dae5, #343c4e); --accent: light-dark(#2646c9, #9db2ff); }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; background: var(--page); color: var(--text) }
main { width: 100%; max-width: 30rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem }
p { margin: 0 0 1rem; color: var(--quiet) }
ul { list-style: none; margin: 0 0 1.25rem; padding: 0; display: grid; gap: .5rem }
button { width: 100%; min-height: 3.75rem; padding: .625rem 1rem; text-align: left; font: inherit; color: inherit; cursor: pointer;
  background: var(--card); border: 1px solid var(--line); border-radius: .625rem }
button:hover { border-color: var(--accent) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
strong { display: block; font-weight: 600 }
span { color: var(--quiet); font-size: .9375rem }
dl { margin: 0 0 1.25rem; padding: .25rem 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .625rem }
dl div { padding: .75rem 0 }
dl div + div { border-top: 1px solid var(--line) }
dt { font-size: 1.75rem; font-weight: 700; line-height: 1.25 }
dd { margin: 0; color: var(--quiet); overflow-wrap: anywhere }
button.main { background: var(--accent); border-color: var(--accent); color: var(--page) }
button.main span { color: inherit }
.note { font-size: .875rem; border-left: 3px solid var(--accent); padding-left: .75rem; margin: 0 }
`

/** The sign-in page: one button a persona; pressing it posts `persona` to the same address. */
export function signInPage(personas: readonly Persona[], actionUrl: string): string {
  const items = personas.map(
    (persona) => `<li><button name="persona" value="${escapeHtml(persona.id)}">
<strong>Sign in as ${escapeHtml(persona.name)}</strong> <span>${escapeHtml(persona.role === 'sre' ? 'SRE' : persona.role)}: ${escapeHtml(persona.does)}</span>
</button></li>`,
  )
  return page(
    'Sign in to MicroPay',
    `<h1>Sign in to MicroPay</h1><p>Whose view do you want?</p>
<form method="post" action="${escapeHtml(actionUrl)}"><ul>${items.join('')}</ul></form>`,
  )
}

/** What a person confirms: how much, and to which account. Pressing the other button says no. */
export function confirmPage(
  details: readonly PaymentDetail[],
  personas: readonly Persona[],
  actionUrl: string,
): string {
  const shown = details.map(
    ({ amount, currency, payee }) =>
      `<div><dt>${escapeHtml(`${amount} ${currency}`)}</dt><dd>to account <b>${escapeHtml(payee)}</b></dd></div>`,
  )
  const items = personas.map(
    ({ id, name }) => `<li><button class="main" name="persona" value="${escapeHtml(id)}">
<strong>Confirm as ${escapeHtml(name)}</strong></button></li>`,
  )
  return page(
    'Confirm a payment',
    `<h1>Confirm a payment</h1><p>It is made to this account, of this amount, and once.</p><dl>${shown.join('')}</dl>
<form method="post" action="${escapeHtml(actionUrl)}"><ul>${items.join('')}
<li><button name="answer" value="no"><strong>Do not confirm</strong> <span>nothing is paid</span></button></li>
</ul></form>`,
  )
}

export function errorPage(message: string): string {
  return messagePage('Signing in did not start', message)
}

export function messagePage(title: string, message: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1><p role="alert">${escapeHtml(message)}</p>`)
}

/** Sends pages whose forms may lead to these addresses. */
export function pageSender(formTargets: readonly string[]) {
  const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`
  const policy = pagePolicy(styleHash, [...new Set(formTargets.map((uri) => new URL(uri).origin))])
  return (reply: FastifyReply, status: number, html: string) =>
    reply
      .code(status)
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .type('text/html; charset=utf-8')
      .send(html)
}

/** Nothing may run, load or frame; the form may lead back to the client alone. */
function pagePolicy(styleHash: string, redirectOrigins: readonly string[]): string {
  const formAction = ["'self'", ...redirectOrigins].join(' ')
  return `default-src 'none'; style-src '${styleHash}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><style>${style}</style></head>
<body><main>${body}<p class="note">This issuer is for development only: it asks for no password, and listens on this machine alone.</p></main></body></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
