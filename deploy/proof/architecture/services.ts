import { routes } from '@micropay/gateway/routes'
import { type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { callers } from '@micropay/runtime/tls/callers'
import type { z } from 'zod'
import { codes, tableOf } from './markdown.ts'

const table: readonly ServiceRow[] = serviceTable
const calledBy: Readonly<Record<string, readonly string[]>> = callers

/** Every process: who may call it, what it keeps, and how it comes to the log. */
export function describeServices(): string {
  return tableOf(
    ['process', 'kind', 'may be called by', 'its database', 'the log', 'routes of the API'],
    table.map((service) => [
      `\`${service.name}\``,
      service.kind,
      callersOf(service),
      service.database === undefined ? '' : `\`${service.database}\` (${useOf(service)})`,
      service.needs.includes('log') ? (service.kind === 'write-side' ? 'reads and appends' : 'reads') : '',
      String(routesOf(service) || ''),
    ]),
  )
}

function callersOf({ name, kind }: ServiceRow): string {
  if (kind === 'gateway') return 'browsers and programs, by token'
  if (kind === 'issuer') return 'browsers and every service, for tokens and keys'
  return codes(calledBy[name] ?? [])
}

function useOf({ name, kind }: ServiceRow): string {
  if (kind === 'read-side') return name === 'audit' ? 'reads, and keeps its own tables' : 'reads'
  return 'writes'
}

function routesOf({ name, kind }: ServiceRow): number {
  const upstream = kind === 'projection' ? 'projections' : name
  return routes.filter((route) => route.upstream === upstream).length
}

/** The same as a picture. */
export function drawServices(): string {
  const behind = table.filter(({ kind }) => kind !== 'issuer')
  const databases = new Set(behind.flatMap(({ database }) => (database === undefined ? [] : [database])))
  const arrow = (from: string, to: string, says: string) => `  ${from} -->|${says}| ${to}`
  return [
    'flowchart TB',
    '  people(["browsers and programs"])',
    ...behind.map(({ name }) => `  ${name}["${name}"]`),
    '  log[("the log and the inboxes")]',
    ...[...databases].map((name) => `  database-${name}[("database ${name}")]`),
    arrow('people', 'gateway', 'HTTPS, tokens'),
    ...Object.entries(calledBy).flatMap(([to, from]) => from.map((caller) => arrow(caller, to, 'mutual TLS'))),
    ...behind.flatMap((service) => [
      ...(service.needs.includes('log')
        ? [
            service.kind === 'write-side'
              ? arrow(service.name, 'log', 'append, read')
              : arrow('log', service.name, 'read'),
          ]
        : []),
      ...drawDatabase(service, arrow),
    ]),
    '',
  ].join('\n')
}

function drawDatabase(
  { name, kind, database, needs }: ServiceRow,
  arrow: (from: string, to: string, says: string) => string,
): readonly string[] {
  return [
    ...(database === undefined
      ? []
      : kind === 'read-side'
        ? [arrow(`database-${database}`, name, 'SQL')]
        : [arrow(name, `database-${database}`, 'SQL')]),
    ...(needs.includes('leases') ? [arrow(name, 'database-lease', 'tells evidence')] : []),
  ]
}

type Settings = Readonly<Record<string, z.ZodObject>>

/** Which settings are read by whom, those that the same services read together. `own` any process reads by itself. */
export function describeSettings(services: Settings, own: z.ZodObject): string {
  const all = table.map(({ name }) => name)
  const readers = new Map(Object.keys(own.shape).map((name) => [name, all.join()]))
  for (const name of new Set(Object.values(services).flatMap(({ shape }) => Object.keys(shape)))) {
    if (readers.has(name)) continue
    readers.set(name, all.filter((service) => services[service]?.shape[name] !== undefined).join())
  }
  const bySet = Map.groupBy([...readers], ([, who]) => who)
  const rows = [...bySet].map(([who, names]) => ({ services: who.split(','), names: names.map(([name]) => name) }))
  return tableOf(
    ['read by', 'settings'],
    rows
      .toSorted((one, other) => other.services.length - one.services.length)
      .map(({ services: who, names }) => [readBy(who, all), codes(names.toSorted())]),
  )
}

function readBy(services: readonly string[], all: readonly string[]): string {
  const others = all.filter((name) => !services.includes(name))
  if (others.length === 0) return 'all'
  return others.length <= 2 ? `all but ${codes(others)}` : codes(services)
}
