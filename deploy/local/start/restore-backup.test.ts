import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '../running.ts'
import { RESTORING, refuseBrokenOff, restoreBackup } from './restore-backup.ts'

test('a backup that is not taken leaves a home that starts, and one that was broken off does not', async (context) => {
  const home = await mkdtemp(join(tmpdir(), 'micropay-restore-'))
  context.after(() => rm(home, { recursive: true }))
  const said: string[] = []
  const restoring = restoreBackup({
    ...{ repositoryRoot, home, folder: join(home, 'no-backup'), isComplete: true, ledgerId: 'main' },
    ...{ inherited: process.env, say: (line: string) => void said.push(line), stateDirectories: [], readModels: {} },
    logEnvironment: { LOG: 'postgres', LOG_DATABASE_URL: 'postgres://127.0.0.1:9/none' },
    leases: 'postgres://127.0.0.1:9/none',
  })
  await assert.rejects(restoring, /was to be restored, and it is not taken/)
  assert.match(said.join(' '), /no-backup/)
  assert.doesNotThrow(() => refuseBrokenOff(home))
  await writeFile(join(home, RESTORING), '')
  assert.throws(() => refuseBrokenOff(home), /broken off or failed/)
})
