import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@micropay/local/stores/free-port'
import { startGuarded } from '@micropay/local/stores/guarded-process'
import { systemClock as clock } from '@micropay/runtime/clock'
import { z } from 'zod'

export type Target = { readonly job: string; readonly address: string }

const Answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})
export type Series = z.infer<typeof Answer>['data']['result'][number]

const UP_WITHIN_MS = 60_000

/** A real Prometheus that asks these every three seconds. */
export async function startScraping(programs: string, targets: readonly Target[]) {
  const home = mkdtempSync(join(tmpdir(), 'micropay-scraping-'))
  const jobs = targets.map(({ job, address }) => ({ job_name: job, static_configs: [{ targets: [address] }] }))
  const configuration = { global: { scrape_interval: '3s', scrape_timeout: '3s' }, scrape_configs: jobs }
  // JSON is YAML, too.
  writeFileSync(join(home, 'prometheus.yml'), JSON.stringify(configuration))
  const address = `127.0.0.1:${await freePort()}`
  const lines: string[] = []
  const server = startGuarded({
    ...{ command: join(programs, 'prometheus'), stopSignal: 'TERM', log: (line) => void lines.push(line) },
    args: [
      ...[`--config.file=${join(home, 'prometheus.yml')}`, `--storage.tsdb.path=${join(home, 'data')}`],
      `--web.listen-address=${address}`,
    ],
  })

  async function query(expr: string): Promise<readonly Series[]> {
    const body = new URLSearchParams({ query: expr })
    const answer = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${expr}: ${text}`)
    return Answer.parse(JSON.parse(text)).data.result
  }
  async function dispose(): Promise<void> {
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
  try {
    await until(
      `Prometheus answers: ${lines.slice(-5).join('\n')}`,
      async () => (await query('vector(1)')).length === 1,
    )
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    query,
    /** Waits until each target was scraped. */
    async scraped(): Promise<void> {
      await until('every target is up', async () => (await query('up == 1')).length === targets.length)
    },
    [Symbol.asyncDispose]: dispose,
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = clock.monotonicMs() + UP_WITHIN_MS
  while (!(await isSo().catch(() => false))) {
    if (clock.monotonicMs() > untilMs) throw new Error(`not within ${UP_WITHIN_MS / 1_000} s: ${what}`)
    await clock.sleep(200)
  }
}
