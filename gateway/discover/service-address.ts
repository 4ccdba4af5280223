import { z } from 'zod'

/** How the instances of a service are found, as its setting says. */
export type ServiceAddress =
  | { readonly by: 'list'; readonly urls: readonly URL[] }
  | { readonly by: 'dns' | 'srv' | 'registry'; readonly url: URL }

/**
 * `http://one:8083,http://two:8083`, which are instances; or one name of several, `dns+http://accounts:8083`,
 * `srv+http://_http._tcp.accounts` or `registry+http://accounts`. Undefined where it is none of these.
 */
export function serviceAddressOf(text: string): ServiceAddress | undefined {
  const [, by, rest = ''] = /^\s*(dns|srv|registry)\+(https?:\/\/[^\s,]+)\s*$/.exec(text) ?? []
  if (by === 'dns' || by === 'srv' || by === 'registry') {
    const url = URL.parse(rest)
    return url ? { by, url } : undefined
  }
  const all = text.split(',').map((each) => (/^https?:\/\//.test(each.trim()) ? URL.parse(each.trim()) : null))
  const urls = all.filter((url) => url !== null)
  const areAlike = urls.length === all.length && urls.every(({ pathname }) => pathname === urls[0]?.pathname)
  return areAlike ? { by: 'list', urls } : undefined
}

const wrongUrls = {
  error:
    'must be addresses of instances of the service, with the same path: http://one:8083,http://two:8083; ' +
    'or where they are found: dns+http://accounts:8083, srv+http://_http._tcp.accounts or registry+http://accounts',
}
/** Where a service is reached, or where its instances, which answer alike, are found. */
export const ServiceUrls = z.string(wrongUrls).refine((text) => serviceAddressOf(text) !== undefined, wrongUrls)

/** What comes before each path; all instances have the same. */
export function pathBefore(address: ServiceAddress): string {
  const [url] = address.by === 'list' ? address.urls : [address.url]
  return url?.pathname.replace(/\/$/, '') ?? ''
}
