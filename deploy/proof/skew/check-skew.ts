import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Commit, checkOut, commitOf } from '@micropay/local/checkout'
import { repositoryRoot } from '@micropay/local/running'
import { releaseBefore } from './release-before.ts'
import { walk } from './walk.ts'

const usage = `npx pnpm@12 check:skew: runs each service of this release beside the release before, on one log

  --from COMMIT  another one than the newest of which a ledger is kept (deploy/proof/ledgers)
  --help         this text

It checks that commit out and installs it, so it takes minutes. Exit code: 0 when people noticed nothing, else 1.
`
const say = (text: string) => void process.stdout.write(`${text}\n`)
const { values } = parseArgs({
  options: { from: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
})
// Who ends by a signal runs nothing at its exit, where processes are ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
if (values.help) say(usage)
else process.exit(await check(values.from))

async function check(from: string | undefined): Promise<number> {
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'micropay-skew-'))
  try {
    const commit = from === undefined ? await releaseBefore(repositoryRoot) : await named(from)
    say(`The release before is ${commit.hash}, ${commit.title}`)
    const before = await checkOut(repositoryRoot, commit, (end) => undo.defer(async () => void (await end())))
    await walk({ directory, before, say })
    await rm(directory, { recursive: true, force: true })
    return 0
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? error.message : error}\nLogs are in ${directory}`)
    return 1
  }
}

async function named(revision: string): Promise<Commit> {
  const commit = await commitOf(repositoryRoot, revision)
  if (commit) return commit
  throw new Error(`${revision} names no commit of this checkout: fetch its history (git fetch --unshallow)`)
}
