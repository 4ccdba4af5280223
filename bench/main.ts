import { readArguments } from './arguments.ts'
import { measureAttacks } from './attack/under-attack.ts'
import { compare } from './compare/compare.ts'
import { measureAll } from './measure-all.ts'

/**
 * `npx pnpm@12 bench` measures the ledger against its floors; `npx pnpm@12 bench --compare BASE` measures the checkout
 * as it stands against another revision. docs/performance.md says what each prints.
 */
const wanted = readArguments(process.argv.slice(2))
if (wanted.kind === 'wrong') {
  console.error(wanted.reason)
  process.exitCode = 2
} else if (wanted.kind === 'attack') {
  await measureAttacks(wanted)
} else if (wanted.kind === 'compare') {
  await compare(wanted)
} else {
  await measureAll(wanted)
}
