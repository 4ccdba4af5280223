import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { layGround, openAccounts, startGateway, startWriteSide } from './ledger.ts'
import { ACCOUNTS, benchPayments, type Figure, fillLedger } from './payments.ts'
import { type Service, startFloor } from './processes.ts'
import { benchProjection, benchQueries, benchVisibility, type Measure } from './read-model.ts'

/**
 * `npx pnpm@12 bench`: measures the ledger against its floors in one run, prints tables, and writes JSON when `--json FILE` is given. `--log
 * postgres` for the other log, `--payments 0` for the write side alone.
 */
const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'kafka' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    payments: { type: 'string', default: '200000' },
    json: { type: 'string' },
  },
})
if (values.log !== 'kafka' && values.log !== 'postgres') throw new Error('--log must be kafka or postgres')
const ground = await layGround(values.log)
const services: Service[] = []
try {
  const { token } = ground
  const floor = await keep(startFloor())
  const writeSide = await keep(startWriteSide(ground))
  const gateway = await keep(startGateway(ground, writeSide.url))
  await openAccounts(writeSide.url, token, ACCOUNTS)
  const urls = { floor: floor.url, writeSide: writeSide.url, gateway: gateway.url, token }
  const figures = await benchPayments(urls, Number(values.seconds), values.connections.split(',').map(Number))
  const measures = Number(values.payments) > 0 ? await measureReadModel(writeSide, token, Number(values.payments)) : []
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${machine}, log: ${values.log}\n\n${tableOf(figures)}\n\n${listOf(measures)}`,
  )
  const result = { at: new Date().toISOString(), machine, log: values.log, figures, measures }
  if (values.json) await writeFile(values.json, JSON.stringify(result, null, 2))
} finally {
  for (const service of services.reverse()) await service.stop()
  await ground.stop()
}

async function keep(starting: Promise<Service>): Promise<Service> {
  const service = await starting
  services.push(service)
  return service
}

async function measureReadModel(writeSide: Service, token: string, payments: number): Promise<Measure[]> {
  await fillLedger(writeSide.url, token, payments)
  const memory = [
    {
      name: `anonymous memory of the worker, ${payments.toLocaleString('en')} payments later`,
      figure: `${anonymousMegabytes(writeSide)} MB`,
    },
  ]
  const { measures, model } = await benchProjection(ground)
  services.push(model.projection, model.queries)
  const visible = await benchVisibility(model, writeSide.url, token, 500, Number(values.seconds))
  return [...memory, ...measures, ...visible, ...(await benchQueries(model, token))]
}

/** RssAnon of proc(5), where there is a /proc. */
function anonymousMegabytes({ process: { pid } }: Service): string {
  const status = process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  const kilobytes = /^RssAnon:\s+([0-9]+) kB$/m.exec(status)?.[1]
  return kilobytes === undefined ? 'unknown' : Math.round(Number(kilobytes) / 1024).toString()
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const latency = figure.p50Ms === undefined ? ['', ''] : [`${figure.p50Ms}`, `${figure.p99Ms}`]
    return `| ${[figure.name, Math.round(figure.perSecond).toLocaleString('en'), figure.ofFloor.toFixed(2), ...latency].join(' | ')} |`
  })
  return ['| what | a second | of the floor | p50 ms | p99 ms |', '| --- | ---: | ---: | ---: | ---: |', ...rows].join(
    '\n',
  )
}

function listOf(measures: readonly Measure[]): string {
  const rows = measures.map(({ name, figure, ofFloor }) => `| ${name} | ${figure} | ${ofFloor?.toFixed(2) ?? ''} |`)
  return ['| what | measured | of the floor |', '| --- | --- | ---: |', ...rows].join('\n')
}
