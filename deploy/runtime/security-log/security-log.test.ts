import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../clock.ts'
import { createLogger } from '../logger.ts'
import { checkChain } from './check-chain.ts'
import { ALIKE_MS } from './coalesced.ts'
import { MOST_WAITING, openSecurityLog } from './security-log.ts'

async function site(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'security-log-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'security.jsonl')
  const said: { level: number; msg: string; securityLog?: { hash: string } }[] = []
  const log = createLogger('test', 'info', { write: (line: string) => void said.push(JSON.parse(line)) })
  const open = (name = path) => openSecurityLog({ path: name, service: 'gateway', clock: systemClock, log })
  const lines = async (name = path) => (await readFile(name, 'utf8')).split('\n').filter((line) => line !== '')
  const events = async (name = path) => (await lines(name)).map((line) => JSON.parse(line))
  return { directory, path, said, log, open, lines, events }
}

async function* each(lines: readonly string[]) {
  yield* lines
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(5)
}

const refused = (reason: string) => ({ event: 'refused', reason, status: 401 }) as const

test('what is noted stands in a chain that goes on over restarts, in a file of its owner alone', async (context) => {
  const { path, open, events, lines, said } = await site(context)
  const first = await open()
  first.note({ event: 'signed_in', subject: 'customer:ada' })
  first.note(refused('a'))
  await first.close()
  const second = await open()
  second.note(refused('b'))
  await second.close()
  assert.deepEqual(
    (await events()).map(({ seq, event }) => [seq, event]),
    [
      ...[[1, 'log_opened'] as const, [2, 'signed_in'] as const, [3, 'refused'] as const],
      [4, 'log_opened'],
      [5, 'refused'],
    ],
  )
  const { faults, head } = await checkChain(each(await lines()))
  assert.deepEqual(faults, [])
  assert.equal(said.filter(({ securityLog }) => securityLog).at(-1)?.securityLog?.hash, head.hash)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('what is alike is written once, and then how often it came', async (context) => {
  const { open, events } = await site(context)
  const log = await open()
  for (let times = 0; times < 1_000; times += 1) log.note({ ...refused('alike'), traceId: String(times) })
  log.note(refused('other'))
  await log.close()
  const told = (await events()).filter(({ event }) => event === 'refused')
  assert.deepEqual(
    told.map(({ reason, times }) => [reason, times]),
    [
      ['alike', undefined],
      ['other', undefined],
      ['alike', 999],
    ],
  )
})

test('whoever comes from ever new addresses is told apart up to a bound', async (context) => {
  const { open, events } = await site(context)
  const log = await open()
  for (let address = 0; address < 5_000; address += 1) log.note({ ...refused('from afar'), address: String(address) })
  await log.close()
  const told = (await events()).filter(({ event }) => event === 'refused')
  assert.equal(told.length, 1_002)
  assert.deepEqual([told.at(-2)?.address, told.at(-1)?.times], ['many', 3_999])
})

test('a line that a crash tore is told, and the chain goes on from the one before', async (context) => {
  const { path, open, events, lines } = await site(context)
  const first = await open()
  first.note(refused('a'))
  await first.close()
  await truncate(path, (await stat(path)).size - 20)
  const second = await open()
  await second.close()
  const text = (await lines()).at(-1) ?? ''
  assert.deepEqual([JSON.parse(text).event, JSON.parse(text).torn, JSON.parse(text).seq], ['log_opened', true, 2])
  assert.deepEqual((await checkChain(each(await lines()))).faults, [])
  await assert.rejects(events())
})

test('a file that is moved away is followed by one that goes on from it', async (context) => {
  const { directory, path, open, lines, said } = await site(context)
  const log = await open()
  log.note(refused('a'))
  await until(async () => (await lines()).length === 2)
  const old = join(directory, 'security.1.jsonl')
  await rename(path, old)
  log.note(refused('b'))
  await log.close()
  const { faults, lines: count } = await checkChain(each([...(await lines(old)), ...(await lines())]))
  assert.deepEqual([faults, count], [[], 4])
  assert.deepEqual(
    said.filter(({ level }) => level >= 40),
    [],
  )
})

test('whoever else writes there, or cuts it, is told as an error, and stands in it', async (context) => {
  const { path, open, events, lines, said } = await site(context)
  const log = await open()
  log.note(refused('a'))
  await until(async () => (await lines()).length === 2)
  await truncate(path, (await readFile(path, 'utf8')).indexOf('\n') + 1)
  log.note(refused('b'))
  await until(async () => (await lines()).length === 3)
  assert.match(said.find(({ level }) => level === 50)?.msg ?? '', /changed by somebody else/)
  assert.equal((await events())[1]?.reason, 'changed by others')
  await appendFile(path, 'x')
  log.note(refused('c'))
  await log.close()
  assert.equal(said.filter(({ level }) => level === 50).length, 2)
})

test('lines that cannot be written wait, a bound of them, and how many were lost is in the chain', async (context) => {
  const { directory, path, events, lines, said, log: ordinary } = await site(context)
  // Each comes so long after the one before that it is told by itself.
  let nowMs = 0
  const clock = { ...systemClock, monotonicMs: () => (nowMs += 2 * ALIKE_MS) }
  const log = await openSecurityLog({ path, service: 'gateway', clock, log: ordinary })
  await until(async () => (await lines()).length === 1)
  // Nobody can make a file in a folder that is none.
  await rename(directory, `${directory}-away`)
  await writeFile(directory, '')
  for (let each = 0; each < MOST_WAITING + 7; each += 1) log.note({ event: 'signed_in', reason: String(each) })
  await until(() => log.trouble() !== undefined)
  await rm(directory)
  await rename(`${directory}-away`, directory)
  await until(() => log.trouble() === undefined)
  await log.close()
  const told = await events()
  assert.ok(said.some(({ level, msg }) => level === 50 && msg.includes('cannot be written')))
  assert.equal(told.filter(({ event }) => event === 'signed_in').length, MOST_WAITING)
  assert.deepEqual(
    told.filter(({ event }) => event === 'lines_lost').map(({ times }) => times),
    [7],
  )
  assert.deepEqual((await checkChain(each(await lines()))).faults, [])
})

test('a file of something else is not written to', async (context) => {
  const { path, open } = await site(context)
  await writeFile(path, 'something else\n')
  await assert.rejects(open(), /holds no line of a security log: name another file/)
  assert.equal(await readFile(path, 'utf8'), 'something else\n')
})

test('without a file, events are lines of the ordinary log', async (context) => {
  const { log, said } = await site(context)
  const security = await openSecurityLog({ path: undefined, service: 'gateway', clock: systemClock, log })
  security.note({ event: 'signed_in', subject: 'customer:ada' })
  await security.close()
  assert.deepEqual(
    said.map(({ msg }) => msg),
    ['security'],
  )
})
