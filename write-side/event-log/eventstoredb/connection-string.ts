import { readFileSync } from 'node:fs'
import { ConfigError } from '@micropay/runtime/config'

/**
 * Checks a connection string before the client sees it, which prints what it does not know with the password in it.
 * Throws ConfigError, which names an option and never a value.
 */
export function checkedConnectionString(text: string): string {
  const parts = /^(?:esdb|kdb|kurrentdb)(?<discover>\+discover)?:\/\/(?<hosts>[^?]+)(?:\?(?<options>.*))?$/.exec(text)
  if (!parts?.groups?.hosts) throw new ConfigError(`EVENTSTORE_URL must be ${EXAMPLE}`)
  const { discover = '', hosts, options = '' } = parts.groups
  for (const option of options.split('&').filter((each) => each !== '')) checkOption(option)
  return `esdb${discover}://${hosts}${options === '' ? '' : `?${options}`}`
}

const EXAMPLE = 'a connection string such as esdb://user:password@host:2113?tls=true'

/** In the client's own reading of names: without case, `_` and `-`. */
const known = new Set([
  ...['tls', 'tlscafile', 'usercertfile', 'userkeyfile'],
  ...['maxdiscoverattempts', 'discoveryinterval', 'gossiptimeout', 'nodepreference', 'throwonappendfailure'],
])

function checkOption(option: string): void {
  const [name = '', value = ''] = option.split('=')
  const plain = name.toLowerCase().replace(/[_-]/g, '')
  if (plain === 'tlsverifycert') {
    throw new ConfigError('EVENTSTORE_URL has tlsVerifyCert: give the certificate of the authority with tlsCAFile=')
  }
  if (plain === 'nodepreference' && value !== 'leader') {
    throw new ConfigError('EVENTSTORE_URL has a nodePreference other than leader: a ledger reads what it has written')
  }
  if (plain === 'throwonappendfailure' && value !== 'true') {
    throw new ConfigError('EVENTSTORE_URL has throwOnAppendFailure, which must stay true')
  }
  if (!known.has(plain)) throw new ConfigError(`EVENTSTORE_URL has an option that is not known: ${name}`)
  if (plain.endsWith('file')) readable(name, decodeURIComponent(value))
}

function readable(option: string, file: string): void {
  try {
    readFileSync(file)
  } catch {
    throw new ConfigError(`EVENTSTORE_URL names a file that cannot be read: ${option}=${file}`)
  }
}
