import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/**
 * `npx pnpm@12 nightly`: all that there is to prove, however long it takes: the whole suite with nothing sampled
 * (NIGHTLY=1), and what `.ci/run` leaves out: 200 real faults, drawn anew each day, all planted bugs, and the product
 * in containers. Says at the end what passed; exit code 1 when anything did not, or could not be run.
 */
type Part = {
  readonly name: string
  readonly program: string
  readonly args?: readonly string[]
  readonly needs?: readonly [string, ...string[]]
}

const repository = resolve(import.meta.dirname, '..')
const torture = 'deploy/proof/torture/main.ts'
const parts: readonly Part[] = [
  { name: 'the suite', program: '.ci/test.ts' },
  { name: 'simulation', program: 'deploy/simulate/main.ts', args: ['--seeds', '10000'] },
  { name: 'faults on PostgreSQL', program: torture, args: ['--faults', '100', '--log', 'postgres'] },
  { name: 'faults on Kafka', program: torture, args: ['--faults', '100', '--log', 'kafka'] },
  { name: 'planted bugs', program: 'deploy/proof/mutants/main.ts' },
  { name: 'containers', program: 'deploy/proof/images/check.ts', needs: ['docker', 'info'] },
]

const outcomes = parts.map(({ name, program, args = [], needs }) => {
  process.stdout.write(`\n=== ${name}\n`)
  if (needs && !answers(needs)) return [name, `not run: ${needs.join(' ')} does not answer`] as const
  const env = { ...process.env, NIGHTLY: '1' }
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: repository, stdio: 'inherit', env })
  return [name, status === 0 ? 'passed' : `failed with ${status}`] as const
})
process.stdout.write(`\n${outcomes.map(([name, outcome]) => `${name}: ${outcome}`).join('\n')}\n`)
process.exitCode = outcomes.every(([, outcome]) => outcome === 'passed') ? 0 : 1

function answers([program, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
