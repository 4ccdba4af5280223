import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { layGround } from './ledger.ts'
import { benchPayments, type Figure } from './payments.ts'

/** `npx pnpm@12 bench`: measures the ledger against its floor in one run, prints a table, and writes JSON when `--json FILE` is given. */
const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'kafka' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
})
if (values.log !== 'kafka' && values.log !== 'postgres') throw new Error('--log must be kafka or postgres')
const ground = await layGround(values.log)
try {
  const figures = await benchPayments(ground, Number(values.seconds), values.connections.split(',').map(Number))
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}, log: ${values.log}\n`)
  console.log(tableOf(figures))
  if (values.json)
    await writeFile(
      values.json,
      JSON.stringify({ at: new Date().toISOString(), machine, log: values.log, figures }, null, 2),
    )
} finally {
  await ground.stop()
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
