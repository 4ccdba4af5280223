import { createHash } from 'node:crypto'

/** The colours are those of ui/src/app/tokens.css. */
const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; box-sizing: border-box;
  background: light-dark(oklch(98.2% 0.004 170), oklch(17.5% 0.012 200));
  color: light-dark(oklch(22% 0.02 200), oklch(95.5% 0.006 180)) }
main { max-width: 30rem } h1 { font-size: 1.5rem; line-height: 1.25 }
a { display: inline-block; padding: .625rem 0; color: light-dark(oklch(46% 0.098 172), oklch(79% 0.125 168)) }`

/** No page of ours asks for any of it; what is not named here no page of another site may ask for within ours. */
export const noPermissions = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ')

/** What goes with every page that the gateway writes itself: nothing runs, nothing is loaded. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'referrer-policy': 'no-referrer',
  'permissions-policy': noPermissions,
} as const

/** A page that says one thing and offers one way on. */
export function messagePage(
  title: string,
  text: string,
  link: { readonly href: string; readonly label: string },
  role: 'alert' | 'status' = 'alert',
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p role="${role}">${escapeHtml(text)}</p>
<a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></main></body></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
