import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openSecurityLog } from '@micropay/runtime/security-log/security-log'
import { InputError } from '@micropay/sdk/input-error'
import { checkSecurityLog } from './check-security-log.ts'

/** Two files of one chain, the newer one at `path`. */
async function twoFiles(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'check-security-log-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const [old, path] = [join(directory, 'old.jsonl'), join(directory, 'security.jsonl')]
  const log = createLogger('test', 'silent')
  const open = () => openSecurityLog({ path, service: 'gateway', clock: systemClock, log })
  const security = await open()
  security.note({ event: 'signed_in', subject: 'customer:ada' })
  while ((await readFile(path, 'utf8')).split('\n').length < 3) await systemClock.sleep(5)
  await rename(path, old)
  security.note({ event: 'signed_out', subject: 'customer:ada' })
  await security.close()
  return { old, path }
}

async function check(files: readonly string[], head?: string) {
  const said: string[] = []
  const isSound = await checkSecurityLog({ files, head }, (line) => said.push(line))
  return { isSound, said }
}

test('files of one chain in their order are sound, and the newest alone says what it goes on from', async (context) => {
  const { old, path } = await twoFiles(context)
  const { isSound, said } = await check([old, path])
  assert.match(said.join('\n'), /^sound: 4 lines, the last is 4 with the hash [0-9a-f]{64}$/)
  assert.equal(isSound, true)
  const newest = await check([path])
  assert.deepEqual([newest.isSound, newest.said[0]], [true, 'the lines up to 2 are in an older file'])
})

test('a changed line is told by its file and its number there', async (context) => {
  const { old, path } = await twoFiles(context)
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('customer:ada', 'customer:ben'))
  const { isSound, said } = await check([old, path])
  assert.deepEqual([isSound, said[0]], [false, `${path}:2: was changed: its hash is another`])
})

test('a hash that was kept elsewhere and is not there says that lines are missing', async (context) => {
  const { old, path } = await twoFiles(context)
  const head = JSON.parse((await readFile(path, 'utf8')).trim().split('\n').at(-1) ?? '').hash
  assert.equal((await check([old, path], head)).isSound, true)
  const { isSound, said } = await check([old], head)
  assert.equal(isSound, false)
  assert.match(said[0] ?? '', /^no line has the hash /)
})

test('a file that is not there, and one of something else, are errors that say so', async (context) => {
  const { path } = await twoFiles(context)
  await assert.rejects(check([`${path}.none`]), InputError)
  await writeFile(path, '')
  assert.deepEqual(await check([path]), { isSound: false, said: ['there is no line of a security log in there'] })
})
