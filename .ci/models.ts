import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/** The models of docs/spec for long: the schedules of today, each mutation and harmless variant, and all states. */
const runs: readonly (readonly [program: string, ...args: string[]])[] = [
  ['fenced.py', 'final', '100000', 'today'],
  ['fenced.py', 'all', '5000', 'today'],
  ['saga.py', 'final', '40000', 'today'],
  ['saga.py', 'all', '1500', 'today'],
  ['saga.py', 'each', '1500'],
  ['closing.py', 'final', '10000', 'today'],
  ['closing.py', 'each', '1500'],
  ['exhaustive.py', '4'],
]

const spec = resolve(import.meta.dirname, '../docs/spec')
const passed = runs.map(([program, ...args]) => {
  process.stdout.write(`\n== ${program} ${args.join(' ')}\n`)
  return spawnSync('python3', [join(spec, program), ...args], { stdio: 'inherit' }).status === 0
})
process.exitCode = passed.every(Boolean) ? 0 : 1
