import type { Fault, GivenValue } from './given.ts'
import { plainTextFaults } from './plain-text.ts'

type Given = ReadonlyMap<string, GivenValue>

/**
 * What is only good for development among the settings of a service that runs in production, all of it at once. Of a
 * setting that is not given, what it stands for is not known here: so defaults have to be good for production. Nothing
 * goes in plain text.
 */
export function productionFaults(service: string, given: Given): readonly Fault[] {
  if (service === 'issuer') return [developmentIssuer]
  const faults: Fault[] = [...plainTextFaults(service, given)]
  const secrets = new Map<string, string>()
  for (const [name, { value, from }] of given) {
    const told = [...(rules[name]?.(value) ?? [])]
    if (isKey(name)) {
      for (const key of value.split(/\r?\n/).filter((line) => line !== '')) {
        told.push(...weaknesses(key))
        const other = secrets.get(key)
        if (other !== undefined && other !== name) told.push(`is the same as ${other}: give each a secret of its own`)
        secrets.set(key, name)
      }
    }
    faults.push(...[...new Set(told)].map((problem) => ({ name, from, problem: `in production ${problem}` })))
  }
  return faults
}

const developmentIssuer: Fault = {
  name: 'MICROPAY_MODE',
  from: 'the environment',
  problem: 'the development issuer signs anyone in without a password: it never runs in production',
}

const rules: Readonly<Record<string, (value: string) => readonly string[]>> = {
  OIDC_ISSUER: (value) => [
    ...(isLocal(value) ? ['it must be no issuer of this machine, as the development issuer is'] : []),
    ...(isEncrypted(value)
      ? []
      : ['it must be an https: address: tokens are believed by the keys that come from there']),
  ],
  PUBLIC_URL: (value) => (isEncrypted(value) ? [] : ['it must be an https: address: sessions travel in its cookies']),
  CONFIG_URL: (value) =>
    isEncrypted(value) || isLocal(value) ? [] : ['it must be an https: address: secrets come from there'],
}

const isKey = (name: string) => /^(OIDC_CLIENT_SECRET|SESSION_SECRET|CURSOR_SECRET|REQUEST_HASH_KEY)$/.test(name)

const LEAST_CHARACTERS = 32
/** Of 32 random hexadecimal digits there are fewer different ones once in many thousand times. */
const LEAST_DIFFERENT = 8

/** What can be said against a secret without saying it. */
function weaknesses(secret: string): readonly string[] {
  const advice = 'make one, such as by openssl rand -hex 32'
  if (/development|example|change.?me|password|secret/i.test(secret)) {
    return [`it must not be a default, nor one of the documentation: ${advice}`]
  }
  const isShort = secret.length < LEAST_CHARACTERS
  if (isShort) return [`it must have ${LEAST_CHARACTERS} characters or more: ${advice}`]
  return new Set(secret).size < LEAST_DIFFERENT ? [`it must be random: ${advice}`] : []
}

function isEncrypted(address: string): boolean {
  return URL.parse(address)?.protocol === 'https:'
}

function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? ''
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '[::1]'
}
