import { ConfigError } from '@micropay/runtime/config'
import { z } from 'zod'
import { serviceAddressOf } from '../discover/service-address.ts'

const expected = 'must look like accounts=http://host:8082,reconciliation=http://host:8084'

/** `PROJECTIONS_URLS`: `name=url` for each projection service, parted by commas. */
export const ProjectionUrls = z.string().transform((text, context) => {
  const pairs = text
    .split(',')
    .map((pair) => /^\s*([a-z][a-z0-9-]{0,31})=((?:(?:dns|srv|registry)\+)?https?:\/\/\S+)\s*$/.exec(pair))
  const urls = new Map(
    pairs.flatMap((pair) => (pair?.[1] && pair[2] && serviceAddressOf(pair[2]) ? [[pair[1], pair[2]]] : [])),
  )
  if (urls.size !== pairs.length) context.addIssue({ code: 'custom', message: `${expected}, each name once` })
  return urls
})

/** The projection services; `PROJECTIONS_URL` alone means the one of the accounts. */
export function projectionUrls(config: {
  readonly PROJECTIONS_URL?: string | undefined
  readonly PROJECTIONS_URLS?: ReadonlyMap<string, string> | undefined
}): ReadonlyMap<string, string> {
  if (config.PROJECTIONS_URLS) return config.PROJECTIONS_URLS
  if (config.PROJECTIONS_URL) return new Map([['accounts', config.PROJECTIONS_URL]])
  throw new ConfigError(`the settings of gateway do not fit:\n  PROJECTIONS_URLS: is missing: ${expected}`)
}

/** A gateway with a certificate sends nothing in plain text: it says so when it starts, and not to its callers. */
export function checkByHttps(addresses: Iterable<string>): void {
  const plain = [...addresses].flatMap((text) => text.split(',')).find((url) => /^([a-z]+\+)?http:/.test(url.trim()))
  if (plain === undefined) return
  throw new ConfigError(`the environment does not fit:\n  ${plain.trim()}: by https:, as TLS_CERT_FILE is set`)
}
