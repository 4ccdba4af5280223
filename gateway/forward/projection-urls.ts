import { ConfigError } from '@micropay/runtime/config'
import { z } from 'zod'

const expected = 'must look like accounts=http://host:8082,reconciliation=http://host:8084'

/** `PROJECTIONS_URLS`: `name=url` for each projection service, parted by commas. */
export const ProjectionUrls = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => /^\s*([a-z][a-z0-9-]{0,31})=(https?:\/\/\S+)\s*$/.exec(pair))
  const urls = new Map(
    pairs.flatMap((pair) => (pair?.[1] && pair[2] && URL.canParse(pair[2]) ? [[pair[1], pair[2]]] : [])),
  )
  if (urls.size !== pairs.length) context.addIssue({ code: 'custom', message: `${expected}, each name once` })
  return urls
})

/** `WRITE_SIDE_URL`: addresses of one command worker or several, parted by commas. */
export const WorkerUrls = z
  .string()
  .refine((text) => text.split(',').every((url) => /^https?:\/\//.test(url.trim()) && URL.canParse(url.trim())), {
    error: 'addresses of command workers, such as http://worker-1:8081,http://worker-2:8081',
  })

/** The projection services; `PROJECTIONS_URL` alone means the one of the accounts. */
export function projectionUrls(config: {
  readonly PROJECTIONS_URL?: string | undefined
  readonly PROJECTIONS_URLS?: ReadonlyMap<string, string> | undefined
}): ReadonlyMap<string, string> {
  if (config.PROJECTIONS_URLS) return config.PROJECTIONS_URLS
  if (config.PROJECTIONS_URL) return new Map([['accounts', config.PROJECTIONS_URL]])
  throw new ConfigError(`the environment does not fit:\n  PROJECTIONS_URLS: ${expected}`)
}
