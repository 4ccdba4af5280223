import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/**
 * `npx pnpm@12 nightly`: all that there is to prove, however long it takes: the whole suite with nothing sampled
 * (NIGHTLY=1), and what `.ci/run` leaves out, which is the product in containers. Says at the end what passed; exit
 * code 1 when anything did not, or could not be run.
 */
type Part = { readonly name: string; readonly program: string; readonly needs?: readonly [string, ...string[]] }

const repository = resolve(import.meta.dirname, '..')
const parts: readonly Part[] = [
  { name: 'the suite', program: '.ci/test.ts' },
  { name: 'containers', program: 'deploy/proof/images/check.ts', needs: ['docker', 'info'] },
]

const outcomes = parts.map(({ name, program, needs }) => {
  process.stdout.write(`\n=== ${name}\n`)
  if (needs && !answers(needs)) return [name, `not run: ${needs.join(' ')} does not answer`] as const
  const env = { ...process.env, NIGHTLY: '1' }
  const { status } = spawnSync(process.execPath, [program], { cwd: repository, stdio: 'inherit', env })
  return [name, status === 0 ? 'passed' : `failed with ${status}`] as const
})
process.stdout.write(`\n${outcomes.map(([name, outcome]) => `${name}: ${outcome}`).join('\n')}\n`)
process.exitCode = outcomes.every(([, outcome]) => outcome === 'passed') ? 0 : 1

function answers([program, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
