import { z } from 'zod'
import { advertisedUrl } from '../advertised-url.ts'
import { systemClock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { openRegistry } from './eureka.ts'
import { keepRegistered, type Registration } from './keep-registered.ts'

const wrongRegistry = {
  error: 'must be the address of a registry of Eureka’s protocol, like https://user:password@registry:8761/eureka',
}
const wrongSeconds = { error: 'must be a whole number of seconds from 1 to 300' }
const areUrls = (text: string) =>
  text.split(',').every((each) => /^https?:\/\//.test(each.trim()) && URL.canParse(each.trim()))

/** Where instances find each other; without it they do by other means. */
export const registryUrl = z.preprocess(
  (value) => (value === '' ? undefined : value),
  z.string(wrongRegistry).refine(areUrls, wrongRegistry).optional(),
)

export const registrySeconds = (usual: number) =>
  z.coerce.number(wrongSeconds).int(wrongSeconds).min(1, wrongSeconds).max(300, wrongSeconds).default(usual)

/** By which a service registers, to be spread into the schema of its environment. */
export const registryEnvironment = {
  REGISTRY_URL: registryUrl,
  REGISTRY_RENEW_SECONDS: registrySeconds(30),
  ADVERTISED_URL: z
    .url({ protocol: /^https?$/, error: 'where others reach this instance, such as http://accounts-1:8083' })
    .optional(),
}
export type RegistryEnvironment = z.infer<z.ZodObject<typeof registryEnvironment>>

/** Registers a service that listens at `address`; undefined where there is no registry. */
export function joinRegistry(
  config: RegistryEnvironment,
  service: string,
  address: string,
  log: Logger,
): Registration | undefined {
  if (config.REGISTRY_URL === undefined) return undefined
  const url = new URL(config.ADVERTISED_URL ?? advertisedUrl(address))
  const instance = { service, url, renewSeconds: config.REGISTRY_RENEW_SECONDS }
  return keepRegistered({ registry: openRegistry(config.REGISTRY_URL, systemClock), instance, clock: systemClock, log })
}
