import type { Build } from '@micropay/runtime/build'
import { Configuration, type ServiceConfiguration } from '@micropay/schemas/api/configuration'
import { InputError } from '@micropay/sdk/input-error'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'

/**
 * The settings of each service, or of one, and where each comes from. True when all answered, and none has a trouble
 * with where its settings come from.
 */
export async function showConfiguration(
  ledger: LedgerClient,
  service: string | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/configuration' })
  if (answer.status !== 200) throw new InputError(`the settings cannot be asked for: ${problemOf(answer)}`)
  const { services, unreachable } = Configuration.parse(answer.body)
  const asked = services.filter((each) => service === undefined || each.service === service)
  for (const each of asked) for (const line of configurationLines(each)) print(line)
  for (const { service: name, reason } of unreachable) print(`${name}: ${reason}`)
  if (asked.length === 0 && unreachable.length === 0) {
    const known = services.map((each) => each.service).join(', ')
    throw new InputError(`there is no service ${service}: there are ${known}`)
  }
  return unreachable.length === 0 && asked.every(({ trouble }) => trouble === null)
}

/** `0.1.0`, and the commit behind it where that is known. */
export function releaseText({ version, commit }: Build): string {
  return commit === null ? version : `${version} (commit ${commit.slice(0, 12)})`
}

/** What is longer moves the rest of its own line alone. */
const WIDEST = 60

/** A line for what is there, and one for each setting; what has no value is left out. */
export function configurationLines(shown: ServiceConfiguration) {
  const { service, instance, version, commit, settings, lastReload, trouble, notices } = shown
  const rows = settings.flatMap(({ name, value, from, changes, isWaiting }) => {
    if (value === null && !isWaiting) return []
    const when = isWaiting ? 'another value waits for a restart' : changes === 'at once' ? 'may change' : ''
    return [[name, value === null ? '-' : value.replaceAll('\n', ' '), from ?? '-', when]]
  })
  const widthOf = (row: readonly string[], column: number) => Math.min(row[column]?.length ?? 0, WIDEST)
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => widthOf(row, column))))
  return [
    `${service} (${instance})${version === null ? '' : `, ${releaseText({ version, commit })}`}`,
    ...(trouble === null ? [] : trouble.split('\n').map((line) => `  ! ${line}`)),
    ...notices.map((notice) => `  ? ${notice}`),
    ...(lastReload === null ? [] : [`  ${lastReload.outcome} at ${lastReload.at}`]),
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()),
  ]
}
