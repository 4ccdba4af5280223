import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Why a changing request that is authenticated by cookie may not have come from our own pages, or undefined. It must
 * carry the session's token, which only our pages can read, and must not be said by the browser to come from another
 * site.
 */
export function csrfFault(headers: IncomingHttpHeaders, csrfToken: string, publicUrl: URL): string | undefined {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin')
    return `Sec-Fetch-Site is ${site}: send it from this site's own pages`
  if (headers.origin !== undefined && headers.origin !== publicUrl.origin) {
    return `Origin is not ${publicUrl.origin}: send it from this site's own pages`
  }
  const given = headers['x-csrf-token']
  if (typeof given !== 'string') return 'send the header X-CSRF-Token with the csrfToken of GET /session'
  return sameText(given, csrfToken) ? undefined : 'X-CSRF-Token is not the csrfToken of GET /session: read it again'
}

/** Compares in a time that does not depend on where they differ. */
function sameText(one: string, other: string): boolean {
  const left = Buffer.from(one)
  const right = Buffer.from(other)
  return left.length === right.length && timingSafeEqual(left, right)
}
