import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** What a running `start` tells the `micropay` command and tests: where it is reached. */
export const Running = z.object({
  pid: z.int(),
  /** What its issuer answers as its own. */
  instance: z.string().optional(),
  url: z.url(),
  issuer: z.url(),
  log: z.enum(['postgres', 'kafka', 'eventstoredb']),
  /** LOG and what goes with it, for those who read the log itself. */
  logEnvironment: z.record(z.string(), z.string()).default({}),
  ledgerId: z.string().optional(),
  /** Where its worker keeps its state, and where its read models are, for those who decide what becomes of them. */
  stateDirectories: z.array(z.string()).default([]),
  readModels: z.record(z.string(), z.string()).default({}),
  /** The database of its worker's leases. */
  leases: z.string().optional(),
  /** The certificate of its workers, as they are told of it; empty where services speak plain HTTP. */
  workerTls: z.record(z.string(), z.string()).default({}),
  /** Where Prometheus and Alertmanager are, where they were asked for. */
  observe: z.object({ prometheus: z.url(), alertmanager: z.url() }).optional(),
  /** The process of each service, for those who want to see it fail. */
  services: z.record(z.string(), z.int()),
})
export type Running = z.infer<typeof Running>

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where a clone keeps its state: `MICROPAY_HOME`, or `.micropay` in the clone. */
export function homeDirectory(configured: string | undefined): string {
  return configured ? resolve(configured) : join(repositoryRoot, '.micropay')
}

/** Undefined when nothing was ever started there; what it names may have ended since. */
export async function readRunning(home: string): Promise<Running | undefined> {
  const text = await readFile(join(home, 'running.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return Running.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export async function writeRunning(home: string, running: Running): Promise<void> {
  const path = join(home, 'running.json')
  await writeFile(`${path}.new`, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
