import type { Server } from 'node:net'
import { freePort, holdFreePort, holdPort, portOf } from '../stores/free-port.ts'
import { type ServiceName, type ServiceRow, serviceTable } from './service-table.ts'

/** A service and its address, which is held for it. */
export type PlacedService = ServiceRow & {
  readonly socket: Server
  readonly url: string
  /** Where it tells its metrics; undefined where nobody asked for them. */
  readonly metricsPort?: number | undefined
}

/**
 * Holds the port where everything is reached: the one asked for, or any when that is 0. Nobody can take it from then
 * on; throws an Error that says what to do when somebody has it.
 */
export async function holdPublicPort(asked: number): Promise<Server> {
  if (asked === 0) return holdFreePort()
  return holdPort(asked).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'EACCES') throw new Error(`Port ${asked} needs more rights than you have. ${another(8181)}`, { cause })
    const other = another(asked === 8181 ? 8282 : 8181)
    throw new Error(`Port ${asked} is in use. Stop what listens there, or choose another: ${other}`, { cause })
  })
}

/**
 * Holds an address for every service before any is started: so each can be told where the others will be. The usual
 * port of one that nobody calls by hand is a habit only: another serves as well when it is taken, or when any is asked
 * for.
 */
export async function holdPorts(gateway: Server, anyPort: boolean, tls = false): Promise<readonly PlacedService[]> {
  const placed: PlacedService[] = []
  for (const row of serviceTable) {
    const inner = () => (anyPort ? holdFreePort() : holdPort(row.port).catch(holdFreePort))
    const socket = row.name === 'gateway' ? gateway : await inner()
    // Browsers come to these two.
    const scheme = tls && row.kind !== 'gateway' && row.kind !== 'issuer' ? 'https' : 'http'
    placed.push({ ...row, socket, url: `${scheme}://127.0.0.1:${portOf(socket)}` })
  }
  return placed
}

/** The same services, each with a port for its metrics that nothing listens on now; the issuer has none. */
export async function withMetricsPorts(placed: readonly PlacedService[]): Promise<readonly PlacedService[]> {
  return Promise.all(
    placed.map(async (service) =>
      service.kind === 'issuer' ? service : { ...service, metricsPort: await freePort() },
    ),
  )
}

/** Where those that have such a port can be scraped, by their names. */
export function metricsUrls(placed: readonly PlacedService[]): Readonly<Record<string, string>> {
  const measured = placed.filter(({ metricsPort }) => metricsPort !== undefined)
  return Object.fromEntries(measured.map(({ name, metricsPort }) => [name, `http://127.0.0.1:${metricsPort}/metrics`]))
}

export function urlOf(placed: readonly PlacedService[], name: ServiceName): string {
  const found = placed.find((service) => service.name === name)
  if (!found) throw new Error(`there is no service ${name}`)
  return found.url
}

function another(port: number): string {
  return `PORT=${port} npx pnpm@12 start`
}
