import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** `needs` is asked first: a part whose tool does not answer was not run, which is no success. */
type Part = {
  readonly name: string
  readonly program: string
  readonly args?: readonly string[]
  readonly needs?: readonly [string, ...string[]]
}

const repository = resolve(import.meta.dirname, '..')
const simulate = 'deploy/simulate/main.ts'
const torture = 'deploy/proof/torture/main.ts'
const containers = 'deploy/proof/images/check.ts'
const parts: readonly Part[] = [
  { name: 'the suite', program: '.ci/test.ts' },
  { name: 'models', program: '.ci/models.ts', needs: ['python3', '--version'] },
  { name: 'simulation', program: simulate, args: ['--world', 'one', '--seeds', '7000'] },
  { name: 'simulation across', program: simulate, args: ['--world', 'across', '--seeds', '2000'] },
  { name: 'faults on PostgreSQL', program: torture, args: ['--faults', '100', '--log', 'postgres'] },
  { name: 'faults on Kafka', program: torture, args: ['--faults', '100', '--log', 'kafka'] },
  {
    ...{ name: 'faults on PostgreSQL, 8 partitions', program: torture },
    args: ['--faults', '100', '--log', 'postgres', '--partitions', '8'],
  },
  {
    ...{ name: 'faults on Kafka, 8 partitions', program: torture },
    args: ['--faults', '100', '--log', 'kafka', '--partitions', '8'],
  },
  { name: 'schemathesis', program: 'deploy/proof/schemathesis/main.ts', needs: ['python3', '--version'] },
  { name: 'renewal under load', program: 'deploy/proof/renewal/main.ts' },
  { name: 'secrets renewed under load', program: 'deploy/proof/renewal/main.ts', args: ['--secrets'] },
  { name: 'alerts', program: 'deploy/proof/alerts/check-alerts.ts' },
  { name: 'lines in Elasticsearch', program: 'deploy/proof/logs/check-logs.ts', needs: ['mvn', '--version'] },
  { name: 'dashboards', program: 'deploy/proof/dashboards/check-dashboards.ts', needs: ['apt-get', '--version'] },
  { name: 'releases beside each other', program: 'deploy/proof/skew/check-skew.ts', needs: ['git', '--version'] },
  { name: 'planted bugs', program: 'deploy/proof/mutants/main.ts' },
  { name: 'Kubernetes', program: 'deploy/proof/kubernetes/check.ts', needs: ['go', 'version'] },
  { name: 'publishing', program: 'deploy/proof/publish/check-publish.ts', needs: ['npm', '--version'] },
  { name: 'containers', program: containers, args: ['--losses'], needs: ['docker', 'info'] },
  {
    ...{ name: 'containers, three brokers', program: containers },
    ...{ args: ['--no-build', '--brokers', '--losses'], needs: ['docker', 'info'] },
  },
]

const usage = `npx pnpm@12 nightly: all that there is to prove, some hours of it, with nothing sampled

  --only NAME    those alone whose name has this in it
  --help         this text

${parts.map(({ name, program, args = [] }) => `  ${name.padEnd(36)}${[program, ...args].join(' ')}`).join('\n')}

Says at the end what passed. Exit code: 0 when all of it did, 1 when a part failed or could not be run, 2 for a
wrong command line.
`

/** `npx pnpm@12 nightly`: see `usage`. */
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, help: { type: 'boolean', short: 'h', default: false } },
})
const chosen = parts.filter(({ name }) => name.includes(values.only))
if (values.help) process.stdout.write(usage)
else if (chosen.length === 0) {
  process.stderr.write(`no part has ${values.only} in its name\n\n${usage}`)
  process.exitCode = 2
} else runParts(chosen)

function runParts(wanted: readonly Part[]): void {
  const outcomes = wanted.map((part) => ({ name: part.name, ...runPart(part) }))
  process.stdout.write(`\n${outcomes.map(({ name, said }) => `${name}: ${said}`).join('\n')}\n`)
  process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1
}

function runPart({ name, program, args = [], needs }: Part): { readonly passed: boolean; readonly said: string } {
  process.stdout.write(`\n=== ${name}\n`)
  if (needs && !answers(needs)) return { passed: false, said: `not run: ${needs.join(' ')} does not answer` }
  const begunAt = performance.now()
  const env = { ...process.env, NIGHTLY: '1' }
  const flags = ['--disable-warning=TimeoutNegativeWarning']
  const ended = spawnSync(process.execPath, [...flags, program, ...args], { cwd: repository, stdio: 'inherit', env })
  const passed = ended.status === 0
  const minutes = ((performance.now() - begunAt) / 60_000).toFixed(1)
  return { passed, said: `${passed ? 'passed' : `FAILED with ${ended.status ?? ended.signal}`} in ${minutes} min` }
}

function answers([program, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
