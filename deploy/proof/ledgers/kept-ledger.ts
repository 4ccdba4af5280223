import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { LogRecord } from '@micropay/event-log/event-log'
import { z } from 'zod'

/** A command as it is sent to the public API, by one of the development issuer's people. */
const Sent = z.object({
  as: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})
export type Sent = z.infer<typeof Sent>

/** A command and what it was answered: a code of after must give the same answer under the same key. */
const Answered = Sent.extend({ status: z.int(), position: z.string().nullable(), answer: z.unknown() })
export type Answered = z.infer<typeof Answered>

/** What the fold of the whole log found. */
export const Verified = z.object({
  ...{ seq: z.int(), hash: z.string(), commits: z.int(), accounts: z.int(), sound: z.boolean() },
  sums: z.array(z.object({ currency: z.string(), amount: z.string() })),
})

/** What the code that made the ledger answered of it, by the paths that were asked and who asked. */
const Facts = z.object({
  answered: z.array(Answered),
  read: z.array(z.object({ as: z.string(), path: z.string(), answer: z.unknown() })),
  verified: Verified,
  /** The log of who looked at what, newest first. */
  accesses: z.array(z.unknown()),
})
export type Facts = z.infer<typeof Facts>

/** The databases of a start, by the name of what is in them; `log` has the leases, too. */
export const databases = ['log', 'accounts', 'reconciliation', 'audit'] as const
export type DatabaseKept = (typeof databases)[number]

/**
 * A ledger as a version of the code left it: its settings, its log byte for byte, each database as SQL (that of the log
 * without the records), the worker's files, and what it answered.
 */
export type KeptLedger = {
  readonly installation: string
  readonly records: readonly LogRecord[]
  readonly databases: Readonly<Record<DatabaseKept, string>>
  /** By their paths in the state directory. */
  readonly state: ReadonlyMap<string, Uint8Array>
  readonly facts: Facts
}

/** One record a line: its offset, its key as JSON, and its bytes in base64. */
const line = /^([0-9]+)\t("[^\t]*")\t([A-Za-z0-9+/=]*)$/

export async function writeKept(directory: string, kept: KeptLedger): Promise<void> {
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  await write('installation.json', kept.installation)
  const lines = kept.records.map(
    ({ offset, key, value }) => `${offset}\t${JSON.stringify(key)}\t${Buffer.from(value).toString('base64')}\n`,
  )
  await write('log.tsv', lines.join(''))
  for (const name of databases) await write(`${name}.sql`, kept.databases[name])
  for (const [path, bytes] of kept.state) await write(join('state', `${path}.gz`), gzipSync(bytes, { level: 9 }))
  const { verified, ...lists } = kept.facts
  const members = Object.entries(lists).map(([name, list]) => `  "${name}": [\n${rows(list)}\n  ]`)
  await write('facts.json', `{\n  "verified": ${JSON.stringify(verified)},\n${members.join(',\n')}\n}\n`)
}

const rows = (list: readonly unknown[]) => list.map((one) => `    ${JSON.stringify(one)}`).join(',\n')

export async function readKept(directory: string): Promise<KeptLedger> {
  const text = (name: string) => readFile(join(directory, name), 'utf8')
  const [log, accounts, reconciliation, audit] = await Promise.all(databases.map((name) => text(`${name}.sql`)))
  return {
    installation: await text('installation.json'),
    records: (await text('log.tsv')).trimEnd().split('\n').map(recordIn),
    databases: { log: log ?? '', accounts: accounts ?? '', reconciliation: reconciliation ?? '', audit: audit ?? '' },
    state: new Map(
      [...(await filesIn(join(directory, 'state')))].map(([path, bytes]) => [
        path.replace(/\.gz$/, ''),
        gunzipSync(bytes),
      ]),
    ),
    facts: Facts.parse(JSON.parse(await text('facts.json'))),
  }
}

function recordIn(text: string): LogRecord {
  const [, offset = '', key = '', value = ''] = line.exec(text) ?? []
  return { offset: BigInt(offset), key: z.string().parse(JSON.parse(key)), value: Buffer.from(value, 'base64') }
}

/** All files below a directory, by their paths in it. */
export async function filesIn(directory: string): Promise<Map<string, Uint8Array>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = paths.sort().map(async (path) => [relative(directory, path), await readFile(path)] as const)
  return new Map(await Promise.all(contents))
}
