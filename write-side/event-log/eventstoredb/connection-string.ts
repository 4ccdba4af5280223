import { readFileSync } from 'node:fs'
import { EventStoreDBClient } from '@eventstore/db-client'
import { ConfigError } from '@micropay/runtime/config'

/**
 * Checks a connection string before the client sees it, which prints what it does not know with the password in it.
 * Throws ConfigError, which names an option and never a value.
 */
export function checkedConnectionString(text: string): string {
  const parts = /^(?:esdb|kdb|kurrentdb)(?<discover>\+discover)?:\/\/(?<hosts>[^?]+)(?:\?(?<options>.*))?$/.exec(text)
  if (!parts?.groups?.hosts) throw new ConfigError(`EVENTSTORE_URL must be ${EXAMPLE}`)
  const { discover = '', hosts, options = '' } = parts.groups
  // What is in front of it would be taken for hosts, or cut off.
  if (options.includes('@') || /^[^@]*:[^@]*:[^@]*@/.test(hosts)) {
    throw new ConfigError('EVENTSTORE_URL has a user or a password with ? : or @ in it: write %3F, %3A or %40')
  }
  for (const option of options.split('&').filter((each) => each !== '')) checkOption(option)
  const checked = `esdb${discover}://${hosts}${options === '' ? '' : `?${options}`}`
  try {
    EventStoreDBClient.connectionString(checked)
  } catch {
    // What it says has the whole string in it.
    throw new ConfigError(`EVENTSTORE_URL has a host, a port or a value that cannot be read: it must be ${EXAMPLE}`)
  }
  return checked
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
  if (!known.has(plain)) {
    const shown = /^[A-Za-z_-]+$/.test(name) ? `: ${name}` : ''
    throw new ConfigError(`EVENTSTORE_URL has an option that is not known${shown}`)
  }
  if (plain.endsWith('file')) readable(name, value)
}

function readable(option: string, file: string): void {
  try {
    readFileSync(decodeURIComponent(file))
  } catch {
    throw new ConfigError(`EVENTSTORE_URL names a file that cannot be read: ${option}=${file}`)
  }
}
