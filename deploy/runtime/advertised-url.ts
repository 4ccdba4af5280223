import { networkInterfaces } from 'node:os'

/**
 * Where others reach a service that listens at `address` (`http://HOST:PORT`): on all of this machine's addresses that
 * is the first one that is not for itself alone.
 */
export function advertisedUrl(address: string, interfaces = networkInterfaces()): string {
  const url = new URL(address)
  if (!anywhere.has(url.hostname)) return url.origin
  const addresses = Object.values(interfaces).flatMap((each) => each ?? [])
  const outer = addresses.find(({ internal, family }) => !internal && family === 'IPv4')
  url.hostname = outer?.address ?? '127.0.0.1'
  return url.origin
}

const anywhere = new Set(['0.0.0.0', '[::]'])
