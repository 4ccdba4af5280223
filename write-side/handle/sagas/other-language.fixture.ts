import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'

/** The reader in another language, which was written from docs/log-protocol.md alone, over all partitions. */
const ReadAll = z.object({
  partitions: z.array(
    z.object({
      ...{ seq: z.int(), hash: z.string(), stopped: z.string().nullable() },
      balances: z.record(z.string(), z.record(z.string(), z.string())),
    }),
  ),
  faults: z.array(z.string()),
  underWay: z.array(z.string()),
  transit: z.record(z.string(), z.string()),
  steps: z
    .array(
      z.object({ position: z.string(), step: z.string(), events: z.array(z.string()), restsOn: z.array(z.string()) }),
    )
    .default([]),
})

export function readAll(url: string, payment: string): Promise<z.infer<typeof ReadAll>> {
  const { promise, resolve, reject } = Promise.withResolvers<z.infer<typeof ReadAll>>()
  const program = join(import.meta.dirname, '../../event-log/python/ledger_reader.py')
  const options = { maxBuffer: 64 << 20 }
  execFile('python3', [program, 'postgres', url, 'all', payment], options, (error, stdout, stderr) => {
    if (error && stdout === '') reject(new Error(`python3 (3.8 or newer) says: ${stderr || error.message}`))
    else resolve(ReadAll.parse(JSON.parse(stdout)))
  })
  return promise
}
