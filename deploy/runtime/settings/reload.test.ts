import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { buildOf } from '../build.ts'
import { systemClock } from '../clock.ts'
import { startConfigurationServer } from './configuration-server.fixture.ts'
import { keyRing } from './key-ring.ts'
import { openSettings } from './open-settings.ts'
import { logLevel } from './own-settings.ts'

const schema = z.object({
  RATE_LIMIT_PER_SECOND: z.coerce.number({ error: 'must be a number of requests' }).default(2000),
  SESSION_SECRET: keyRing({ atLeast: 8, error: 'must have 8 characters or more' }),
  UI_DIRECTORY: z.string().default('ui'),
  LOG_LEVEL: logLevel,
})
const clock = { ...systemClock, deadline: () => AbortSignal.timeout(500), sleep: async () => true }
const directory = mkdtempSync(join(tmpdir(), 'reload-'))
const path = join(directory, 'config.json')
const write = (settings: object) => writeFileSync(path, JSON.stringify(settings))
const usual = { SESSION_SECRET: 'the first key' }
const open = async (env: NodeJS.ProcessEnv = { CONFIG_FILE: path }) => openSettings('gateway', schema, { env, clock })
let server: Awaited<ReturnType<typeof startConfigurationServer>>
before(async () => {
  server = await startConfigurationServer()
})
after(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

test('what can change does so at once, and the rest says that it waits for a restart', async () => {
  write(usual)
  const settings = await open()
  const [limit, keys] = [settings.live('RATE_LIMIT_PER_SECOND'), settings.live('SESSION_SECRET')]
  write({ SESSION_SECRET: ['the new key', 'the first key'], RATE_LIMIT_PER_SECOND: 5, UI_DIRECTORY: 'other' })
  await settings.reload('a test')
  assert.deepEqual([limit(), keys()], [5, ['the new key', 'the first key']])
  const { lastReload, settings: shown } = settings.inForce()
  const { at: _, ...told } = lastReload ?? assert.fail('it was told')
  const changed = ['SESSION_SECRET', 'RATE_LIMIT_PER_SECOND']
  assert.deepEqual(told, { outcome: 'applied', changed, waiting: ['UI_DIRECTORY'], reason: null })
  const directoryShown = shown.find(({ name }) => name === 'UI_DIRECTORY')
  assert.deepEqual(directoryShown, {
    ...{ name: 'UI_DIRECTORY', value: 'ui', from: 'the default' },
    ...{ changes: 'at a restart', isWaiting: true },
  })
  assert.equal(settings.values.UI_DIRECTORY, 'ui')
  write({ SESSION_SECRET: ['the new key', 'the first key'], RATE_LIMIT_PER_SECOND: 5 })
  await settings.reload('a test')
  assert.equal(settings.inForce().settings.find(({ name }) => name === 'UI_DIRECTORY')?.isWaiting, false)
})

test('nothing of settings that do not fit is applied, and what is wrong is told until it is right', async () => {
  write(usual)
  const settings = await open()
  const [limit, keys] = [settings.live('RATE_LIMIT_PER_SECOND'), settings.live('SESSION_SECRET')]
  const held = keys()
  write({ SESSION_SECRET: 'another key', RATE_LIMIT_PER_SECOND: 'plenty' })
  await settings.reload('a test')
  assert.deepEqual([limit(), keys()], [2000, held])
  assert.equal(settings.inForce().lastReload?.outcome, 'refused')
  const fault = `  RATE_LIMIT_PER_SECOND (CONFIG_FILE ${path}): must be a number of requests`
  assert.equal(settings.trouble(), `the settings as they are now do not fit, and those of before hold:\n${fault}`)
  writeFileSync(path, '{ "SESSION_SECRET": "half a f')
  await settings.reload('a test')
  assert.deepEqual([limit(), keys()], [2000, held])
  write(usual)
  await settings.reload('a test')
  assert.equal(settings.trouble(), undefined)
})

test('keys that did not change are the very same ones, so nothing is made of them anew', async () => {
  write(usual)
  const settings = await open()
  const keys = settings.live('SESSION_SECRET')
  const held = keys()
  await settings.reload('a test')
  assert.equal(keys(), held)
})

test('a server that goes away leaves what it said in force, and says so until it is back', async () => {
  server.say({ name: 'gateway.yml', source: usual })
  const settings = await open({ CONFIG_URL: server.url })
  const limit = settings.live('RATE_LIMIT_PER_SECOND')
  server.behave((request) => void request.socket.destroy())
  await settings.reload('a test')
  assert.equal(limit(), 2000)
  assert.match(settings.trouble() ?? '', /^the configuration server cannot be read .*: what it said at .* holds$/)
  server.say({ name: 'gateway.yml', source: { ...usual, RATE_LIMIT_PER_SECOND: 9 } })
  await settings.reload('a test')
  assert.deepEqual([limit(), settings.trouble()], [9, undefined])
})

for (const [how, CONFIG_REFRESH_SECONDS] of Object.entries({ SIGHUP: '0', 'looking again': '0.05' })) {
  test(`a process reads its settings anew by ${how}, and tells its log`, { timeout: 20_000 }, async () => {
    write({ ...usual, LOG_LEVEL: 'info' })
    const main = fileURLToPath(new URL('./reload.fixture.ts', import.meta.url))
    const env = { CONFIG_FILE: path, CONFIG_REFRESH_SECONDS }
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value ?? assert.fail('it ended'))
    try {
      const { msg, version } = await next()
      assert.deepEqual([msg, version], ['this is the release that starts', buildOf().version])
      assert.equal((await next()).msg, 'ready')
      write({ ...usual, LOG_LEVEL: 'warn', RATE_LIMIT_PER_SECOND: 'plenty' })
      if (how === 'SIGHUP') child.kill('SIGHUP')
      const refused = await next()
      assert.equal(refused.msg, 'new settings do not fit: those of before hold')
      assert.match(refused.faults, /RATE_LIMIT_PER_SECOND .*: must be a number of requests/)
      write({ ...usual, LOG_LEVEL: 'debug' })
      if (how === 'SIGHUP') child.kill('SIGHUP')
      const told = await next()
      assert.deepEqual([told.msg, told.changed], ['settings have changed', ['LOG_LEVEL']])
      assert.equal((await next()).msg, 'what is told at the level debug alone')
    } finally {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  })
}
